"use strict";
// A session's page: the picture, and how picture and tables light each other up.
(() => {
  const session = window.sessionData;
  const box = document.getElementById("chart");
  const readout = document.getElementById("readout");
  const whole = document.getElementById("whole");
  let facts = session.facts;
  const trace = session.trace;
  const isStop = (band) => band.role === "rep" || band.role === "stride";
  let bands = session.bands;
  let stops = bands.filter(isStop);
  // Who else wants to know when the picture moves, and which band was chosen.
  const told = { moved: [], chosen: [] };
  const tell = (whom, ...what) => whom.forEach((each) => each(...what));
  const state = { axis: "time", shown: null, lit: -1 };
  let view = null;

  const clock = (seconds) => {
    const s = Math.round(seconds);
    const tail = String(s % 60).padStart(2, "0");
    if (s < 3600) return `${Math.floor(s / 60)}:${tail}`;
    return `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}:${tail}`;
  };

  const rows = () => {
    const column = state.axis === "time" ? trace.t : trace.d;
    return { column, total: state.axis === "time" ? facts.seconds : facts.metres };
  };
  const ends = (band) => (state.axis === "time" ? [band.t0, band.t1] : [band.d0, band.d1]);

  const nearest = (column, value) => {
    let low = 0;
    let high = column.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (column[middle] < value) low = middle + 1; else high = middle;
    }
    return low > 0 && value - column[low - 1] < column[low] - value ? low - 1 : low;
  };

  const figures = (index) => {
    const parts = [clock(trace.t[index])];
    if (facts.metres > 1) parts.push(`${(trace.d[index] / facts.unit).toFixed(2)} ${facts.unitName}`);
    const speed = trace.v[index];
    if (speed !== null && facts.wheels) parts.push(`${(speed * 3600 / facts.unit).toFixed(1)} ${facts.unitName}/h`);
    else if (speed !== null && speed > 0.3) parts.push(`${clock(facts.unit / speed)}/${facts.unitName}`);
    if (trace.h[index] !== null) parts.push(`${trace.h[index]} bpm`);
    return parts.join("  ");
  };

  const nameOf = (band) => {
    if (band.role === "rep") return `rep ${band.n}`;
    return { warmup: "warm-up", cooldown: "cool-down" }[band.role] || band.role;
  };

  const tellRow = (row) => {
    const names = [...row.closest("table").tHead.rows[0].cells].map((cell) => cell.textContent);
    const texts = [...row.cells].map((cell) => cell.textContent.trim());
    const told = texts.map((text, i) => (text && (i === 0 || i > 3) ? `${names[i]} ${text}` : text));
    if (!row.classList.contains("rep")) told[0] = texts[0];
    return told.filter(Boolean).join("  ");
  };

  const light = (index, said) => {
    if (index === state.lit && !said) return;
    state.lit = index;
    for (const row of document.querySelectorAll("tr[data-band]")) {
      row.classList.toggle("lit", Number(row.dataset.band) === index);
    }
    if (view) view.signal("lit", index).runAsync();
    const row = document.querySelector(`table.reps tr[data-band="${index}"]`);
    if (said && row) readout.textContent = tellRow(row);
    if (said) tell(told.chosen, index);
  };

  const show = (range) => {
    state.shown = range;
    whole.disabled = !range;
    view.signal("shown", range).runAsync();
    tell(told.moved);
  };

  const zoomTo = (index) => {
    const [start, end] = ends(bands[index]);
    const around = Math.max((end - start) * 0.35, state.axis === "time" ? 15 : 50);
    show([Math.max(start - around, 0), Math.min(end + around, rows().total)]);
    light(index, true);
  };

  const reach = () => state.shown || [0, rows().total];

  // Where a pointer is, in units of the axis; null beside the panels.
  const placeOf = (event) => {
    const frame = box.querySelector("svg");
    if (!frame) return null;
    const x = event.clientX - frame.getBoundingClientRect().left - view.padding().left;
    const [low, high] = reach();
    const share = x / view.signal("width");
    return share < 0 || share > 1 ? null : low + share * (high - low);
  };

  const bandAt = (place) => bands.find((band) => {
    const [start, end] = ends(band);
    return start <= place && place < end;
  });

  const follow = (place) => {
    view.signal("at", place).runAsync();
    if (place === null) { readout.textContent = ""; light(-1); return; }
    const band = bandAt(place);
    readout.textContent = figures(nearest(rows().column, place)) + (band ? `  ${nameOf(band)}` : "");
    light(band && (band.role === "rep" || band.role === "stride") ? band.i : -1);
  };

  const listenToPointer = () => {
    let from = null;
    box.addEventListener("pointerdown", (event) => {
      if (event.button === 0) from = placeOf(event);
    });
    // What moves below a pointer at rest, as after a zoom, is neither pointed at nor left.
    const spotOf = (event) => `${event.clientX} ${event.clientY}`;
    let last = "";
    box.addEventListener("pointermove", (event) => {
      const spot = spotOf(event);
      if (spot === last) return;
      last = spot;
      const place = placeOf(event);
      if (from !== null && place !== null && event.buttons) view.signal("brush", [from, place]);
      follow(place);
    });
    box.addEventListener("pointerleave", (event) => { if (spotOf(event) !== last) follow(null); });
    addEventListener("pointerup", (event) => {
      if (from === null) return;
      const place = placeOf(event);
      const start = from;
      from = null;
      view.signal("brush", null);
      if (place === null) { view.runAsync(); return; }
      const [low, high] = reach();
      const band = bandAt(place);
      if (Math.abs(place - start) > (high - low) * 0.02) {
        show([Math.min(start, place), Math.max(start, place)]);
      } else if (band && (band.role === "rep" || band.role === "stride")) zoomTo(band.i);
      else view.runAsync();
    });
    addEventListener("pointercancel", () => { from = null; view.signal("brush", null).runAsync(); });
    box.addEventListener("dblclick", () => show(null));
  };

  const listenToKeys = () => {
    box.addEventListener("keydown", (event) => {
      const now = stops.findIndex((band) => band.i === state.lit);
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
        if (!stops.length) return;
        const step = event.key === "ArrowRight" ? 1 : -1;
        const next = now < 0 ? (step > 0 ? 0 : stops.length - 1) : (now + step + stops.length) % stops.length;
        if (state.shown) zoomTo(stops[next].i); else light(stops[next].i, true);
      } else if (event.key === "Enter" && state.lit >= 0) zoomTo(state.lit);
      else return;
      event.preventDefault();
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && view) { show(null); light(-1); readout.textContent = ""; }
    });
  };

  const listenToTables = () => {
    // Asked of the page, not of each row: rows may be exchanged.
    const bandOf = (event) => {
      const row = event.target instanceof Element && event.target.closest("tr[data-band]");
      return row ? Number(row.dataset.band) : -1;
    };
    document.addEventListener("pointerover", (event) => {
      const index = bandOf(event);
      if (index >= 0) light(index);
    });
    document.addEventListener("pointerout", (event) => { if (bandOf(event) >= 0) light(-1); });
    document.addEventListener("focusin", (event) => { if (bandOf(event) >= 0) light(bandOf(event)); });
    document.addEventListener("click", (event) => { if (bandOf(event) >= 0) zoomTo(bandOf(event)); });
    whole.addEventListener("click", () => show(null));
    const buttons = [...document.querySelectorAll("button[data-axis]")];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        state.axis = button.dataset.axis;
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
        view.signal("axis", state.axis);
        show(null);
      });
    }
  };

  const inner = () => Math.max(box.clientWidth - session.margin, 120);

  const options = {
    mode: "vega", actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: false,
    hover: false,
  };

  const draw = async () => {
    const spec = window.sessionSpecs[session.panels];
    const line = trace.t.map((t, i) => ({ t, d: trace.d[i], v: trace.v[i], h: trace.h[i] }));
    const beside = session.beside.flatMap(({ values, ...line }, row) =>
      values.map((v, i) => ({ row, ...line, t: trace.t[i], d: trace.d[i], v })));
    const data = { trace: line, bands, laps: session.laps, beside };
    for (const table of spec.data) if (data[table.name]) table.values = data[table.name];
    const signals = { facts, dark: window.theme.isDark(), width: inner() };
    for (const each of spec.signals) if (each.name in signals) each.value = signals[each.name];
    spec.width = signals.width;
    view = (await window.vegaEmbed(box, spec, options)).view;
    for (const hidden of document.querySelectorAll(".controls, .hint")) hidden.hidden = false;
    listenToPointer();
    listenToKeys();
    listenToTables();
    window.theme.onChange((dark) => view.signal("dark", dark).runAsync());
    new ResizeObserver(() => {
      if (view.signal("width") !== inner()) view.signal("width", inner()).runAsync().then(() => tell(told.moved));
    }).observe(box);
    box.dataset.ready = "yes";
    tell(told.moved);
  };

  // For a page that changes what is drawn.
  const metres = (seconds) => {
    const after = Math.min(Math.max(trace.t.findIndex((t) => t >= seconds), 1), trace.t.length - 1);
    const share = (seconds - trace.t[after - 1]) / (trace.t[after] - trace.t[after - 1] || 1);
    return trace.d[after - 1] + Math.min(Math.max(share, 0), 1) * (trace.d[after] - trace.d[after - 1]);
  };
  const place = (seconds) => (state.axis === "time" ? seconds : metres(seconds));
  const seconds = (where) => {
    if (state.axis === "time") return where;
    const after = Math.min(Math.max(trace.d.findIndex((d) => d >= where), 1), trace.d.length - 1);
    const share = (where - trace.d[after - 1]) / (trace.d[after] - trace.d[after - 1] || 1);
    return trace.t[after - 1] + Math.min(Math.max(share, 0), 1) * (trace.t[after] - trace.t[after - 1]);
  };
  window.sessionChart = {
    told, clock, light, readout, metres,
    bands: () => bands,
    height: () => box.querySelector("svg").clientHeight,
    // Of a moment, in pixels from the left of the picture, and back.
    pixel: (moment) => {
      const [low, high] = reach();
      return view.padding().left + ((place(moment) - low) / (high - low)) * inner();
    },
    moment: (pixel) => {
      const [low, high] = reach();
      return seconds(low + ((pixel - view.padding().left) / inner()) * (high - low));
    },
    limits: () => [view.padding().left, view.padding().left + inner()],
    drawBands: (changed) => view.data("bands", changed.map((band) => ({ ...band }))).runAsync(),
    replace: (picture) => {
      facts = picture.facts;
      bands = picture.bands;
      stops = bands.filter(isStop);
      view.signal("facts", facts).data("bands", bands.map((band) => ({ ...band })));
      view.runAsync();
      if (state.lit >= bands.length) light(-1);
      tell(told.moved);
    },
  };

  const drawRoute = async () => {
    const place = document.getElementById("map");
    if (!place || !session.route) return;
    const spec = window.routeSpec;
    spec.data[0].values = session.route.points;
    // As wide as there is room, as high as the route is, but never higher than the window.
    const ratio = session.route.ratio;
    const width = Math.min(place.clientWidth - 24, 900, Math.max(innerHeight * 0.7, 240) / ratio);
    spec.width = width;
    spec.height = width * ratio;
    const signals = { dark: window.theme.isDark(), domain: session.route.domain, bar: session.route.bar };
    for (const each of spec.signals) if (each.name in signals) each.value = signals[each.name];
    const made = await window.vegaEmbed(place, spec, options);
    window.theme.onChange((dark) => made.view.signal("dark", dark).runAsync());
  };

  draw();
  drawRoute();
})();
