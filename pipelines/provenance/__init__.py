"""What a period was made of: hashes of the code, of the registry and of the documents.

Put here: digests that a manifest carries. Keep out: deciding what to build from them (``build.plan``).
"""
