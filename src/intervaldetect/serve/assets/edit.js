"use strict";
// A session that is corrected: handles on the edges of its reps, fields, undo, saving.
(() => {
  const by = (id) => document.getElementById(id);
  const chart = window.sessionChart;
  const edges = by("edges");
  const ghosts = by("ghosts");
  let state = window.editState;
  let chosen = state.reps.length ? 1 : 0;
  let told = "";
  const waiting = [];
  let sending = false;

  const clock = (seconds) => {
    const tenths = Math.round(seconds * 10);
    const rest = tenths % 10 ? `.${tenths % 10}` : "";
    return chart.clock(Math.floor(tenths / 10)) + rest;
  };
  const secondsOf = (text) => {
    const parts = text.trim().split(":").map(Number);
    if (!text.trim() || parts.length > 3 || parts.some((part) => !(part >= 0))) return NaN;
    return parts.reduce((sum, part) => sum * 60 + part, 0);
  };

  // --- asking the server --------------------------------------------------------------------

  const post = async (what, body) => {
    const response = await fetch(`${state.key}/${what}`, {
      method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" },
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  };

  const ask = (edit) => {
    const last = waiting[waiting.length - 1];
    const same = last && edit.op === "move" && ["op", "rep", "edge"].every((key) => last[key] === edit[key]);
    if (same) waiting[waiting.length - 1] = edit; else waiting.push(edit);
    if (!sending) work();
  };

  const work = async () => {
    sending = true;
    while (waiting.length) {
      const edit = waiting.shift();
      try {
        const answer = await post("edit", edit);
        told = "";
        if (!waiting.length) take(answer); else state = answer.state;
      } catch (error) {
        told = error.message;
        waiting.length = 0;
        show();
      }
    }
    sending = false;
  };

  const save = async () => {
    if (!by("save")) return;
    try {
      told = (await post("save", {})).told;
      state.changed = false;
    } catch (error) {
      told = error.message;
    }
    show();
  };

  // --- showing what it says -----------------------------------------------------------------

  const take = (answer) => {
    const fresh = new DOMParser().parseFromString(answer.html, "text/html");
    const before = document.querySelector("[data-live-class]").className;
    const after = fresh.querySelector("[data-live-class]").className;
    // Without reps the page is laid out otherwise.
    if (before !== after) { location.reload(); return; }
    const focused = document.activeElement && document.activeElement.closest("tr[data-band]");
    for (const old of document.querySelectorAll("[data-live]")) {
      const made = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
      if (!made) continue;
      if (old.open) made.open = true;
      const list = old.querySelector(".scroll");
      const top = list ? list.scrollTop : 0;
      old.replaceWith(document.adoptNode(made));
      if (list && made.querySelector(".scroll")) made.querySelector(".scroll").scrollTop = top;
    }
    if (focused) {
      const row = document.querySelector(`tr[data-band="${focused.dataset.band}"] button`);
      if (row) row.focus();
    }
    state = answer.state;
    chart.replace(answer.picture);
    chosen = Math.min(Math.max(chosen, state.reps.length ? 1 : 0), state.reps.length);
    show();
    light();
  };

  const bandOf = (number) => chart.bands().filter((band) => band.role === "rep")[number - 1];
  const light = () => {
    const band = bandOf(chosen);
    chart.light(-1);
    if (band) chart.light(band.i);
  };

  const choose = (number) => {
    if (number === chosen) return;
    chosen = number;
    show();
  };

  const option = (select, value, text) => {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = text;
    select.append(made);
  };

  const fill = (input, value) => { if (document.activeElement !== input) input.value = value; };

  const show = () => {
    const rep = state.reps[chosen - 1];
    const select = by("rep");
    if (select.options.length !== state.reps.length) {
      select.replaceChildren();
      state.reps.forEach((_, index) => option(select, index + 1, `${index + 1} of ${state.reps.length}`));
    }
    select.value = chosen;
    for (const id of ["rep", "start", "end", "lactate", "split", "drop-rep"]) by(id).disabled = !rep;
    by("join").disabled = !rep || chosen >= state.reps.length;
    fill(by("start"), rep ? clock(rep.start) : "");
    fill(by("end"), rep ? clock(rep.end) : "");
    fill(by("lactate"), rep && rep.lactate !== null ? rep.lactate : "");
    fill(by("label"), state.label || "");
    fill(by("kind"), state.kind || "");
    fill(by("rpe"), state.rpe === null ? "" : state.rpe);
    fill(by("feeling"), state.feeling || "");
    fill(by("note"), state.note || "");
    by("undo").disabled = !state.undo;
    by("redo").disabled = !state.redo;
    if (by("save")) by("save").disabled = !state.changed;
    by("status").textContent = told || (state.changed ? "Changed, not saved yet." : "");
    layout();
  };

  const isFound = (rep) => state.found.some(([start, end]) =>
    Math.abs(start - rep.start) < 0.06 && Math.abs(end - rep.end) < 0.06);

  const layout = () => {
    if (!by("chart").dataset.ready) return;
    const height = chart.height();
    const [low, high] = chart.limits();
    state.reps.forEach((rep, index) => {
      ["start", "end"].forEach((edge) => {
        const handle = handleOf(index + 1, edge);
        const x = chart.pixel(rep[edge]);
        handle.hidden = x < low - 1 || x > high + 1;
        handle.style.left = `${x}px`;
        handle.style.height = `${height - 50}px`;
        handle.classList.toggle("chosen", index + 1 === chosen);
        handle.setAttribute("aria-valuemin", 0);
        handle.setAttribute("aria-valuemax", state.whole);
        handle.setAttribute("aria-valuenow", rep[edge]);
        handle.setAttribute("aria-valuetext", clock(rep[edge]));
        handle.setAttribute("aria-label", `${edge === "start" ? "Start" : "End"} of rep ${index + 1}`);
      });
    });
    while (edges.children.length > 2 * state.reps.length) edges.lastElementChild.remove();
    const other = state.found.filter(([start, end]) => !state.reps.some((rep) =>
      Math.abs(start - rep.start) < 0.06 && Math.abs(end - rep.end) < 0.06));
    ghosts.replaceChildren();
    for (const [start, end] of other) {
      const from = Math.max(chart.pixel(start), low);
      const to = Math.min(chart.pixel(end), high);
      if (to <= from) continue;
      const ghost = document.createElement("div");
      ghost.style.left = `${from}px`;
      ghost.style.width = `${to - from}px`;
      ghost.style.height = `${height - 50}px`;
      ghosts.append(ghost);
    }
    const same = !other.length && state.reps.every(isFound);
    by("detector").textContent = same ? "These are the reps as detected."
      : `The detector found ${state.foundText}; where it differs, dashed lines show its reps.`;
  };

  // --- edges --------------------------------------------------------------------------------

  const handleOf = (number, edge) => {
    const at = 2 * (number - 1) + (edge === "end" ? 1 : 0);
    while (edges.children.length <= at) addHandle(edges.children.length);
    return edges.children[at];
  };

  const addHandle = (at) => {
    const number = Math.floor(at / 2) + 1;
    const edge = at % 2 ? "end" : "start";
    const handle = document.createElement("div");
    handle.className = `edge ${edge}`;
    handle.tabIndex = 0;
    handle.setAttribute("role", "slider");
    handle.addEventListener("focus", () => { choose(number); light(); });
    handle.addEventListener("keydown", (event) => key(event, number, edge));
    handle.addEventListener("pointerdown", (event) => grab(event, handle, number, edge));
    edges.append(handle);
  };

  // Where an edge may go: between its neighbours, and not through its own rep.
  const within = (number, edge, at) => {
    const rep = state.reps[number - 1];
    const before = number > 1 ? state.reps[number - 2].end : 0;
    const after = number < state.reps.length ? state.reps[number].start : state.whole;
    const [low, high] = edge === "start" ? [before, rep.end - 2] : [rep.start + 2, after];
    return Math.min(Math.max(at, low), high);
  };

  // Shown at once; what is measured between the edges follows from the server.
  const preview = (number, edge, at) => {
    state.reps[number - 1][edge] = at;
    const band = bandOf(number);
    if (band) {
      const end = edge === "start" ? 0 : 1;
      band[`t${end}`] = at;
      band[`d${end}`] = chart.metres(at);
      chart.drawBands(chart.bands());
    }
    const rep = state.reps[number - 1];
    chart.readout.textContent = `rep ${number}: ${clock(rep.start)} to ${clock(rep.end)}, ${clock(rep.end - rep.start)}`;
    show();
  };

  const key = (event, number, edge) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
    if (event.key === "Delete") { ask({ op: "drop", rep: number }); event.preventDefault(); return; }
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    const step = steps[event.key] * (event.shiftKey ? 10 : 1);
    const at = Math.round(within(number, edge, state.reps[number - 1][edge] + step) * 10) / 10;
    preview(number, edge, at);
    ask({ op: "move", rep: number, edge, at, again: true });
  };

  const grab = (event, handle, number, edge) => {
    if (event.button) return;
    event.preventDefault();
    event.stopPropagation();
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const left = edges.getBoundingClientRect().left;
    const off = event.clientX - left - chart.pixel(state.reps[number - 1][edge]);
    const started = event.clientX;
    let at = null;
    const move = (moved) => {
      if (at === null && Math.abs(moved.clientX - started) < 2) return;
      const x = moved.clientX - left - off;
      // Whole seconds, unless a pixel is finer than that.
      const fine = Math.abs(chart.moment(x + 1) - chart.moment(x)) < 0.3 ? 10 : 1;
      at = Math.round(within(number, edge, Math.round(chart.moment(x) * fine) / fine) * 10) / 10;
      preview(number, edge, at);
    };
    const done = () => {
      handle.removeEventListener("pointermove", move);
      handle.removeEventListener("pointerup", done);
      handle.removeEventListener("pointercancel", done);
      if (at !== null) ask({ op: "move", rep: number, edge, at });
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", done);
    handle.addEventListener("pointercancel", done);
  };

  // --- fields and buttons -------------------------------------------------------------------

  const onChange = (id, act) => by(id).addEventListener("change", (event) => act(event.target));
  const say = (field, value, rep) => ask({ op: "say", field, value, ...(rep ? { rep } : {}) });
  onChange("rep", (input) => { choose(Number(input.value)); light(); });
  for (const edge of ["start", "end"]) {
    onChange(edge, (input) => {
      const at = secondsOf(input.value);
      if (Number.isNaN(at)) { told = "Write a time as 15:02."; show(); return; }
      ask({ op: "move", rep: chosen, edge, at });
    });
  }
  const number = (id, name, act) => onChange(id, (input) => {
    const value = Number(input.value.replace(",", "."));
    if (Number.isNaN(value)) { told = `${name} is a number.`; show(); return; }
    act(input.value.trim() ? value : null);
  });
  number("lactate", "Lactate", (value) => say("lactate", value, chosen));
  number("rpe", "Exertion", (value) => say("rpe", value));
  for (const field of ["label", "kind", "note"]) onChange(field, (input) => say(field, input.value || null));
  onChange("feeling", (input) => say("feeling", input.value ? Number(input.value) : null));
  const onClick = (id, act) => { if (by(id)) by(id).addEventListener("click", act); };
  onClick("split", () => ask({ op: "split", rep: chosen }));
  onClick("join", () => ask({ op: "join", rep: chosen }));
  onClick("drop-rep", () => ask({ op: "drop", rep: chosen }));
  onClick("add", () => ask({ op: "add" }));
  onClick("undo", () => ask({ op: "undo" }));
  onClick("redo", () => ask({ op: "redo" }));
  onClick("save", save);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    if (event.key === "s" && by("save")) { event.preventDefault(); save(); }
    if (event.key.toLowerCase() !== "z" || event.target.matches("input, textarea")) return;
    event.preventDefault();
    ask({ op: event.shiftKey ? "redo" : "undo" });
  });

  chart.told.chosen.push((index) => {
    const at = chart.bands().filter((band) => band.role === "rep").findIndex((band) => band.i === index);
    if (at < 0) return;
    choose(at + 1);
    // On a phone the table lies far below the picture that shows the rep.
    const { top, bottom } = by("chart").getBoundingClientRect();
    if (bottom < 100 || top > innerHeight - 100) by("chart").scrollIntoView({ block: "start" });
  });
  chart.told.moved.push(layout);
  show();
})();
