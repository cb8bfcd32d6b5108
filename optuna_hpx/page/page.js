(function () {
  "use strict";
  const LIGHT = { ink: "#2b3037", grid: "rgba(0, 0, 0, 0.13)", card: "#ffffff" };
  const DARK = { ink: "#cfd4da", grid: "rgba(255, 255, 255, 0.16)", card: "#2a2e35" };
  const PRINT_WIDTH = 660; // pixels: within the margins of A4 and of Letter
  const MOST_PARTS_PRINTED = 24;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const print = matchMedia("print");
  let printing = print.matches;
  let opened = []; // for the printer, to be closed again

  function look(layout) {
    const colours = dark.matches && !printing ? DARK : LIGHT;
    const update = { "font.color": colours.ink, "hoverlabel.bgcolor": colours.card, "hoverlabel.font.color": colours.ink };
    for (const axis of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
      update[axis + ".gridcolor"] = colours.grid;
      update[axis + ".linecolor"] = colours.grid;
    }
    return update;
  }

  function draw(div) {
    if (div.dataset.drawn) return;
    div.dataset.drawn = "1";
    const figure = JSON.parse(div.nextElementSibling.textContent);
    if (matchMedia("(pointer: coarse)").matches) figure.layout.dragmode = false; // a finger scrolls the page
    Plotly.newPlot(div, figure.data, figure.layout, { responsive: true, displayModeBar: false, typesetMath: false })
      .then(restyle.bind(null, div));
  }

  function restyle(div) {
    const width = printing ? { width: PRINT_WIDTH } : { width: null, autosize: true };
    return Plotly.relayout(div, Object.assign(look(div.layout), width));
  }

  function restyleAll() {
    document.querySelectorAll(".chart.js-plotly-plot").forEach(restyle);
  }

  // All that is folded, but for the charts of parameters where they would fill a book.
  function foldsToPrint() {
    const many = document.querySelectorAll("details.part").length > MOST_PARTS_PRINTED;
    return document.querySelectorAll(`details:not([open])${many ? ":not(.part)" : ""}`);
  }

  function setPrinting(value) {
    if (printing === value) return;
    printing = value;
    const folds = printing ? foldsToPrint() : opened;
    folds.forEach((details) => { printing ? open(details) : details.open = false; });
    opened = printing ? [...folds] : [];
    restyleAll();
  }

  // At once, and not only when the browser says that it opened: a printer does not wait.
  function open(details) {
    details.open = true;
    drawIn(details);
  }

  function drawIn(details) {
    details.querySelectorAll(".chart").forEach((div) => {
      if (!div.closest("details:not([open])")) draw(div);
    });
  }

  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let it = target; it; it = it.parentElement) if (it.tagName === "DETAILS") open(it);
    target.scrollIntoView();
  }

  // What does not fit can be scrolled by keys, and says so.
  function fitTables() {
    document.querySelectorAll(".scroll").forEach((div) => {
      if (!div.clientWidth) return; // folded
      const wide = div.scrollWidth > div.clientWidth + 1;
      const hint = div.previousElementSibling;
      hint.hidden = !wide;
      hint.textContent = wide ? "This table is wider than the screen: scroll it sideways." : "";
      if (wide) div.tabIndex = 0;
      else div.removeAttribute("tabindex");
    });
  }

  function nameOf(details) {
    return details.id + "|" + details.firstElementChild.textContent;
  }

  // A page of a study that goes on reads itself again, and looks as the reader left it.
  function live(note) {
    const button = note.querySelector("button");
    const kept = history.state || {};
    let stopped = Boolean(kept.stopped);
    function show() {
      button.textContent = stopped ? "Go on with that" : "Stop that";
      button.setAttribute("aria-pressed", String(stopped));
    }
    function keep() {
      const unfolded = [...document.querySelectorAll("details[open]")].map(nameOf);
      history.replaceState({ stopped, unfolded, y: scrollY }, "");
    }
    button.addEventListener("click", () => {
      stopped = !stopped;
      show();
      keep();
    });
    show();
    const unfolded = new Set(kept.unfolded || []);
    document.querySelectorAll("details").forEach((details) => {
      if (unfolded.has(nameOf(details))) open(details);
    });
    if (kept.y !== undefined) scrollTo(0, kept.y);
    setInterval(() => {
      if (stopped || printing || document.hidden || String(getSelection())) return;
      keep();
      location.reload();
    }, 1000 * Number(note.dataset.seconds));
  }

  addEventListener("hashchange", follow);
  addEventListener("resize", fitTables);
  document.querySelectorAll('a[href^="#"]').forEach((link) => {
    link.addEventListener("click", () => { if (link.hash === location.hash) follow(); });
  });
  dark.addEventListener("change", restyleAll);
  print.addEventListener("change", (event) => setPrinting(event.matches));
  addEventListener("beforeprint", () => setPrinting(true));
  addEventListener("afterprint", () => setPrinting(false));
  document.querySelectorAll("details").forEach((details) => {
    details.addEventListener("toggle", () => {
      if (details.open) drawIn(details);
      fitTables();
    });
  });
  document.querySelectorAll(".chart").forEach((div) => {
    if (!div.closest("details:not([open])")) draw(div);
  });
  fitTables();
  if (location.hash && !history.state) follow();
  const note = document.querySelector(".live");
  if (note) live(note);
})();
