// Finds regions and services as people write them: names, other names, codes in any notation.
// SPM_REGIONS holds [page, name, code, other names, codes as bare digits, codes of the statistics office].
(() => {
  "use strict";
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const WHOLE = { kab: "kabupaten", prov: "provinsi", prop: "provinsi" };
  const KINDS = new Set(["kabupaten", "kota", "provinsi"]);
  const words = (text) => plain(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean).map((word) => WHOLE[word] || word);
  // "D.I.Y." and "diy", "K-KES-01" and "kkes1", "kab.bandung" and "Kabupaten Bandung" are the same
  const squeezed = (text) => words(text).map((word) => word.replace(/^0+(?=\d)/, "")).join("").replace(/(\p{L})0+(?=\d)/gu, "$1");
  const entries = (window.SPM_REGIONS || []).map(([page, name, code, others, codes, bps]) => ({
    page, name, code, bps,
    digits: codes,
    names: [name, code, ...others].map((text) => ({ text, words: words(text), squeezed: squeezed(text) })),
  }));

  // how well an entry fits, 0 best; null where it does not; [rank, what it was found by]
  const fit = (entry, asked) => {
    const ofDigits = /^[\d.\-/\s]+$/.test(asked.rest) && /\d\d/.test(asked.rest);
    if (ofDigits) {
      const digits = asked.rest.replace(/\D/g, "");
      // a longer code is one of a district or village in the region
      const ways = [[digits, 0], [digits.length > 4 ? digits.slice(0, 4) : "", 4]];
      for (const [own, more] of ways) {
        if (!own) continue;
        if (!asked.bps && entry.digits.includes(own)) return [0 + more, ""];
        if (entry.bps.includes(own)) return [1 + more, `BPS ${own}`];
        if (!asked.bps && !more && entry.digits.some((code) => code.startsWith(own))) return [2, ""];
      }
      return null;
    }
    let best = null;
    const isOfKind = asked.kind !== null && entry.names[0].words[0] === asked.kind;
    entry.names.forEach(({ text, words: all, squeezed: joined }, at) => {
      let rank = null;
      if (joined === asked.squeezed || (isOfKind && joined === asked.bare)) rank = 0;
      else if (joined.startsWith(asked.squeezed)) rank = 2;
      else if (asked.words.every((word) => all.some((own) => own.startsWith(word)))) rank = 3;
      else if (asked.squeezed.length > 3 && joined.includes(asked.squeezed)) rank = 5;
      if (rank !== null && (best === null || rank < best[0])) best = [rank, at > 1 ? text : ""];
    });
    return best;
  };
  const asking = (text) => {
    const bps = /\bbps\b/i.test(text);
    const rest = text.replace(/\b(bps|kode|kemendagri|id)\b[\s:-]*/gi, "").trim() || text;
    const all = words(rest);
    // "kab kutim": the other name stands without the kind of region
    const kind = all.length > 1 && KINDS.has(all[0]) ? all[0] : null;
    return { bps, rest, words: all, squeezed: squeezed(rest), kind, bare: kind && squeezed(all.slice(1).join(" ")) };
  };
  const find = (text) => {
    const asked = asking(text);
    if (!asked.squeezed) return [];
    return entries.map((entry, at) => ({ entry, at, found: fit(entry, asked) }))
      .filter(({ found }) => found)
      .sort((one, other) => one.found[0] - other.found[0] || one.at - other.at)
      .map(({ entry, found }) => ({ ...entry, by: found[1] }));
  };
  window.SPM_FIND = find;

  const box = document.getElementById("cari");
  const list = document.getElementById("hasil");
  const said = document.getElementById("banyak");
  const root = document.body.dataset.root;
  const links = () => [...list.querySelectorAll("a")];
  const suggest = () => {
    const found = find(box.value);
    list.replaceChildren(...found.slice(0, 12).map(({ page, name, code, by }) => {
      const link = Object.assign(document.createElement("a"), { href: `${root}${page}`, textContent: `${name} (${code}${by ? `; ${by}` : ""})` });
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    const asked = box.value.trim() !== "";
    if (asked && !found.length) {
      list.append(Object.assign(document.createElement("li"), { className: "none", textContent: "Tidak ditemukan / not found" }));
    }
    list.hidden = !asked;
    said.textContent = asked ? `${found.length} ditemukan / found` : "";
  };
  box.addEventListener("input", suggest);
  box.form.addEventListener("submit", (event) => {
    const first = links()[0];
    if (first) {
      event.preventDefault();
      location.href = first.href;
    }
  });
  box.form.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(document.activeElement);
    if (event.key === "Escape") {
      list.hidden = true;
      box.focus();
    } else if (event.key === "ArrowDown" && all.length) {
      event.preventDefault();
      all[Math.min(at + 1, all.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (all[at - 1] || box).focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!box.form.contains(event.target)) list.hidden = true;
  });
})();
