"use strict";
// The page is whole without this: it adds sorting, searching, and the choosing of a package in the drawing.
(() => {
  const byId = (id) => document.getElementById(id);
  for (const element of document.querySelectorAll(".script-only, .tools[hidden]")) element.hidden = false;

  const table = byId("table");
  if (!table) return;
  const bodies = [...table.tBodies];
  // What a row says of its own package; the names of its neighbours would be found everywhere.
  const texts = new Map(bodies.map((body) => {
    const own = body.cloneNode(true);
    for (const list of own.querySelectorAll(".chips")) list.remove();
    return [body, own.textContent.toLowerCase()];
  }));
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  // Sorting: what is empty goes last, whichever way.
  const heads = [...table.tHead.rows[0].cells];
  const sortBy = (head) => {
    const key = head.dataset.by;
    const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    bodies.sort((one, other) => {
      const left = one.dataset[key], right = other.dataset[key];
      if (!left !== !right) return left ? -1 : 1;
      return direction * collator.compare(left, right) || collator.compare(one.dataset.name, other.dataset.name);
    });
    table.append(...bodies);
  };
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sortBy(head));
    head.replaceChildren(button);
  }

  // Searching: every word has to be in the row.
  const search = byId("search"), proof = byId("by-proof"), open = byId("only-open");
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const body of bodies) {
      const fits = words.every((word) => texts.get(body).includes(word))
        && (!proof.value || body.dataset.kind === proof.value)
        && (!open.checked || body.dataset.flawed === "yes");
      body.hidden = !fits;
      count += fits ? 1 : 0;
    }
    byId("shown").textContent = count === bodies.length
      ? `${count} packages` : `${count} of ${bodies.length} packages`;
    byId("nothing").hidden = count > 0;
  };
  search.form.addEventListener("submit", (event) => event.preventDefault());
  for (const field of [search, proof, open]) field.addEventListener("input", filter);

  const openAll = byId("open-all");
  openAll.addEventListener("click", () => {
    const wanted = openAll.getAttribute("aria-pressed") !== "true";
    openAll.setAttribute("aria-pressed", String(wanted));
    openAll.textContent = wanted ? "Close all details" : "Open all details";
    for (const details of table.querySelectorAll("details")) details.open = wanted;
  });

  // A link to a package leads to it even when the search hides it, and opens its details.
  const reveal = () => {
    const body = location.hash && byId(location.hash.slice(1));
    if (!body || body.tagName !== "TBODY") return;
    if (body.hidden) {
      search.value = proof.value = "";
      open.checked = false;
      filter();
    }
    body.querySelector("details").open = true;
    body.scrollIntoView({ block: "start" });
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // The drawing: all that the chosen package needs, and all that needs it.
  const drawing = byId("drawing"), clear = byId("clear"), chosen = byId("chosen"), fit = byId("fit");
  const boxes = [...drawing.querySelectorAll(".box")];
  const curves = [...drawing.querySelectorAll("path")];
  const reach = (start, from, to) => {
    const found = new Set([start]), waiting = [start];
    while (waiting.length) {
      const at = waiting.pop();
      for (const curve of curves) {
        const next = curve.dataset[to];
        if (curve.dataset[from] === at && !found.has(next)) {
          found.add(next);
          waiting.push(next);
        }
      }
    }
    return found;
  };
  const choose = (box) => {
    const number = box.dataset.number;
    const below = reach(number, "above", "below"), above = reach(number, "below", "above");
    drawing.classList.add("choosing");
    for (const other of boxes) {
      const at = other.dataset.number;
      other.classList.toggle("chosen", other === box);
      other.classList.toggle("near", below.has(at) || above.has(at));
    }
    for (const curve of curves) {
      const { above: start, below: end } = curve.dataset;
      curve.classList.toggle("near", (below.has(start) && below.has(end)) || (above.has(start) && above.has(end)));
    }
    clear.disabled = false;
    chosen.textContent = `${box.getAttribute("aria-label").split(",")[0]}: `
      + `needs ${below.size - 1}, needed by ${above.size - 1}, counting all steps. Choose it again for its details.`;
  };
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (box.classList.contains("chosen")) return;
      event.preventDefault();
      choose(box);
    });
  }
  clear.addEventListener("click", () => {
    drawing.classList.remove("choosing");
    for (const element of [...boxes, ...curves]) element.classList.remove("chosen", "near");
    clear.disabled = true;
    chosen.textContent = "";
  });
  fit.addEventListener("click", () => {
    const wanted = drawing.classList.toggle("fitted");
    fit.setAttribute("aria-pressed", String(wanted));
  });
})();
