// Sorting and filtering of tables, a table as CSV, the print button. Pages read without it.
(() => {
  "use strict";
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");

  // "1.234,56", "+1,25", "−0,3" or "492 / 546" as a number: the first one of the cell
  const number = (cell) => {
    const text = cell.dataset.v || cell.textContent.replace(/−/g, "-");
    const found = cell.dataset.v ? [text] : text.match(/-?\d[\d.]*(,\d+)?/);
    return found ? Number(cell.dataset.v ? text : found[0].replace(/\./g, "").replace(",", ".")) : null;
  };
  const sortable = (table) => {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (head.tagName !== "TH") return;
      const isNumber = head.classList.contains("n");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        // of figures the largest first, of a rank and of names the first
        const falls = before ? before === "ascending" : isNumber && !head.hasAttribute("data-rank");
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", falls ? "descending" : "ascending");
        [...table.tBodies].forEach((body) => {
          const keyed = [...body.rows].map((row, at) => {
            const cell = row.cells[column];
            return { row, at, key: isNumber ? number(cell) : plain(cell.textContent.trim()) };
          });
          keyed.sort((one, other) => {
            // what has no figure stands last either way
            if ((one.key === null) !== (other.key === null)) return one.key === null ? 1 : -1;
            const order = one.key === other.key ? 0 : one.key < other.key ? -1 : 1;
            return (falls ? -order : order) || one.at - other.at;
          });
          body.append(...keyed.map(({ row }) => row));
        });
      });
    });
  };
  document.querySelectorAll("table[data-sortable]").forEach(sortable);

  const asCsv = (table) => [...table.rows].filter((row) => !row.hidden).map((row) => [...row.cells]
    .filter((cell) => !cell.hasAttribute("aria-hidden"))
    .map((cell) => {
      const text = cell.textContent.replace(/\s+/g, " ").trim();
      const bare = text.replace(/−/g, "-").replace(/^\+/, "");
      // figures as programs read them; a text that a spreadsheet would run stands behind an apostrophe
      const value = cell.classList.contains("n") && /^-?\d{1,3}(\.\d{3})*(,\d+)?$/.test(bare)
        ? bare.replace(/\./g, "").replace(",", ".")
        : text === "–" ? "" : /^[=+\-@＝＋－＠\t]/.test(text) ? `'${text}` : text;
      return /[",\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value;
    }).join(",")).join("\n");
  document.querySelectorAll(".scroll:not([data-file]) > table").forEach((table, at) => {
    const holder = Object.assign(document.createElement("p"), { className: "csv" });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "CSV" });
    button.setAttribute("aria-label", `CSV: ${table.parentElement.getAttribute("aria-label")}`);
    button.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([`${asCsv(table)}\n`], { type: "text/csv" }));
      link.download = `${document.body.dataset.page}-${at + 1}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    });
    holder.append(button);
    table.parentElement.after(holder);
  });

  const filters = document.querySelector("[data-filters]");
  if (filters) {
    const rows = [...document.querySelectorAll(".league tbody tr")];
    const texts = rows.map((row) => plain(row.cells[1].textContent));
    const pages = rows.map((row) => row.cells[1].querySelector("a")?.getAttribute("href").split("/").pop());
    const value = (id) => document.getElementById(id)?.value || "";
    const apply = () => {
      const [text, level, province, band] = [plain(value("teks")).trim(), value("tingkat"), value("provinsi"), value("predikat")];
      const found = new Set(text ? window.SPM_FIND(text).map(({ page }) => page.split("/").pop()) : []);
      let shown = 0;
      rows.forEach((row, at) => {
        const fits = (!text || texts[at].includes(text) || found.has(pages[at]))
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
    apply();
  }

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
