// Search in the head of every page, filters of the league tables, the print button. Pages read without it.
(() => {
  "use strict";
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const root = document.body.dataset.root;
  const regions = window.SPM_REGIONS || [];

  const box = document.getElementById("cari");
  const list = document.getElementById("hasil");
  const links = () => [...list.querySelectorAll("a")];
  const suggest = () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    const found = words.length
      ? regions.filter(([, name, code]) => words.every((word) => plain(`${name} ${code}`).includes(word)))
      : [];
    list.replaceChildren(...found.slice(0, 12).map(([page, name, code]) => {
      const link = Object.assign(document.createElement("a"), { href: `${root}${page}`, textContent: `${name} (${code})` });
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    if (words.length && !found.length) {
      list.append(Object.assign(document.createElement("li"), { className: "none", textContent: "Tidak ditemukan / not found" }));
    }
    list.hidden = !words.length;
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

  const filters = document.querySelector("[data-filters]");
  if (filters) {
    const rows = [...document.querySelectorAll(".league tbody tr")];
    const texts = rows.map((row) => plain(row.cells[1].textContent));
    const value = (id) => document.getElementById(id)?.value || "";
    const apply = () => {
      const [text, level, province, band] = [plain(value("teks")).trim(), value("tingkat"), value("provinsi"), value("predikat")];
      let shown = 0;
      rows.forEach((row, at) => {
        const fits = texts[at].includes(text)
          && (!level || row.closest("[data-level]").dataset.level === level)
          && (!province || row.dataset.p === province)
          && (!band || row.dataset.b === band);
        row.hidden = !fits;
        shown += fits;
      });
      document.querySelectorAll("[data-level]").forEach((part) => {
        part.hidden = !part.querySelector("tbody tr:not([hidden])");
      });
      filters.querySelector(".count").textContent = `${shown} dari ${rows.length} daerah / of ${rows.length} regions`;
    };
    const asked = new URLSearchParams(location.search).get("cari");
    if (asked) document.getElementById("teks").value = asked;
    filters.hidden = false;
    filters.addEventListener("input", apply);
    filters.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
