"use strict";
// A season's page: charts, their period, and the list that can be searched.
(() => {
  const season = window.seasonData;
  const readout = document.getElementById("readout");
  const rows = [...document.querySelectorAll("#sessions tbody tr")];
  const search = document.getElementById("search");
  const label = document.getElementById("label");
  const kind = document.getElementById("kind");
  const count = document.getElementById("count");
  // "6x800" finds "6 x 800 m" and not "16 x 800 m".
  const plain = (text) => text.toLowerCase().replace(/\s+/g, " ").replace(/(\d) ?[x×] ?(?=\d)/g, "$1x");
  const texts = rows.map((row) => ` ${plain([...row.cells].map((cell) => cell.textContent).join(" "))}`);
  const holds = (text, word) => {
    if (!/^\d/.test(word)) return text.includes(word);
    return new RegExp(`\\D${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`).test(text);
  };
  const kinds = rows.map((row) => row.cells[6].textContent);
  const views = {};
  const state = { days: 0, week: null };

  const DAY_MS = 86400000;
  const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
  const shown = () => {
    const [first, last] = season.reach;
    return state.days ? [Math.max(first, last - state.days * DAY_MS), last] : [first, last];
  };

  const filter = () => {
    const words = plain(search.value).split(" ").filter(Boolean);
    let from = "";
    let to = "9999";
    if (season && state.week !== null) [from, to] = [iso(state.week), iso(state.week + 6 * DAY_MS)];
    else if (season && state.days) from = iso(shown()[0]);
    let left = 0;
    rows.forEach((row, index) => {
      const day = row.dataset.day;
      const kept = (!label.value || row.dataset.label === label.value)
        && (!kind.value || kinds[index] === kind.value)
        && day >= from && day <= to
        && words.every((word) => holds(texts[index], word));
      row.hidden = !kept;
      left += kept;
    });
    const when = state.week !== null ? ` in the week from ${from}` : from ? ` since ${from}` : "";
    count.textContent = `${left} of ${rows.length} sessions${when}`;
  };

  const listen = () => {
    const form = document.querySelector(".filters");
    form.hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => {
      state.week = null;
      if (views.weeks) views.weeks.signal("lit", null).runAsync();
      setTimeout(filter);
    });
    for (const field of [search, label, kind]) field.addEventListener("input", filter);
    // The latest weeks come first, once a calendar is in sight: before that it has no layout.
    const sight = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        target.scrollLeft = target.scrollWidth;
        sight.unobserve(target);
      }
    });
    for (const box of document.querySelectorAll(".calendar-box")) sight.observe(box);
    filter();
  };

  const options = {
    mode: "vega", actions: false, ast: true, renderer: "svg", defaultStyle: false, tooltip: false,
    hover: false,
  };

  const inner = (box, spec) => Math.max(box.clientWidth - spec.padding.left - spec.padding.right, 120);

  const chart = async (name, tables, facts) => {
    const box = document.getElementById(`chart-${name}`);
    if (!box) return;
    const spec = window.seasonSpecs[name];
    for (const table of spec.data) if (tables[table.name]) table.values = tables[table.name];
    const signals = { facts, dark: window.theme.isDark(), shown: shown(), width: inner(box, spec) };
    for (const each of spec.signals) if (each.name in signals) each.value = signals[each.name];
    spec.width = signals.width;
    const { view } = await window.vegaEmbed(box, spec, options);
    views[name] = view;
    window.theme.onChange((dark) => view.signal("dark", dark).runAsync());
    new ResizeObserver(() => {
      if (view.signal("width") !== inner(box, spec)) view.signal("width", inner(box, spec)).runAsync();
    }).observe(box);
  };

  const weekAt = (event) => {
    const view = views.weeks;
    const frame = document.querySelector("#chart-weeks svg");
    const x = event.clientX - frame.getBoundingClientRect().left - view.padding().left;
    const [first, last] = shown();
    const moment = first + x / view.signal("width") * (last - first);
    return season.weeks.find((week) => week.x <= moment && moment < week.x + 7 * DAY_MS);
  };

  const tellWeek = (week) => {
    readout.textContent = week ? `${week.week}  threshold ${week.threshold} min  VO2 ${week.vo2} min  `
      + `${week.distance} ${season.facts.unitName}`
      + (week.doubles ? `  double-threshold days: ${week.doubles}` : "") : "";
  };

  const listenToWeeks = () => {
    const box = document.getElementById("chart-weeks");
    box.addEventListener("pointermove", (event) => {
      const week = weekAt(event);
      tellWeek(week);
      if (state.week === null) views.weeks.signal("lit", week ? week.x : null).runAsync();
    });
    box.addEventListener("pointerleave", () => {
      tellWeek(null);
      views.weeks.signal("lit", state.week).runAsync();
    });
    box.addEventListener("click", (event) => {
      const week = weekAt(event);
      state.week = week && week.x !== state.week ? week.x : null;
      views.weeks.signal("lit", state.week).runAsync();
      filter();
      if (state.week !== null) document.getElementById("list").scrollIntoView();
    });
  };

  const listenToSeries = () => {
    const view = views.series;
    const follow = (number, id = null) => {
      view.signal("lit", number).signal("at", id).runAsync();
      for (const each of document.querySelectorAll("details.series")) {
        each.classList.toggle("lit", Number(each.dataset.series) === number);
      }
    };
    view.addEventListener("pointermove", (event, item) => {
      const step = item && item.datum && item.datum.id ? item.datum : null;
      readout.textContent = step ? `series ${step.series}  ${iso(step.x)}  ${step.workout}` : "";
      follow(step ? step.series : null, step ? step.id : null);
    });
    view.addEventListener("click", (event, item) => {
      if (item && item.datum && item.datum.address) location.href = item.datum.address;
    });
    for (const each of document.querySelectorAll("details.series")) {
      const number = Number(each.dataset.series);
      each.addEventListener("pointerenter", () => follow(number));
      each.addEventListener("pointerleave", () => follow(null));
      each.addEventListener("focusin", () => follow(number));
    }
  };

  const listenToPeriod = () => {
    const buttons = [...document.querySelectorAll("button[data-days]")];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        state.days = Number(button.dataset.days);
        state.week = null;
        for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
        if (views.weeks) views.weeks.signal("lit", null);
        for (const view of Object.values(views)) view.signal("shown", shown()).runAsync();
        filter();
      });
    }
  };

  const draw = async () => {
    // After the first frame what is far away has no layout, and widths are cheap to ask for.
    await new Promise((go) => { requestAnimationFrame(() => setTimeout(go)); });
    const { facts, weeks, steps, zones } = season;
    await chart("weeks", { weeks }, facts);
    await chart("threshold", { weeks }, { ...facts, ...season.thresholdRange });
    await chart("shares", { zones }, facts);
    await chart("series", { steps }, { ...facts, ...season.seriesRange });
    for (const hidden of document.querySelectorAll(".controls, .hint")) hidden.hidden = false;
    if (views.weeks) listenToWeeks();
    if (views.series) listenToSeries();
    listenToPeriod();
  };

  listen();
  if (season) draw().then(() => { document.body.dataset.ready = "yes"; });
  else document.body.dataset.ready = "yes";
})();
