"use strict";
// The first page: recordings are dropped, read one after another, and listed.
(() => {
  const by = (id) => document.getElementById(id);
  const zone = by("drop");
  const bar = by("bar");
  const MEANT = /\.(fit|gpx|tcx)(\.gz)?$|\.zip$|\.intervals\.toml$/i;
  const SIDECAR = /\.intervals\.toml$/i;
  let busy = null;

  const tell = (text) => { by("told").textContent = text; };
  const refuse = (sentences) => {
    const list = by("refused");
    for (const sentence of sentences) {
      const item = document.createElement("li");
      item.textContent = sentence;
      list.append(item);
    }
    list.hidden = !list.children.length;
  };

  // Each line of an answer as it comes.
  const lines = async function* (response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      rest += value || "";
      const parts = rest.split("\n");
      rest = parts.pop();
      for (const part of parts) yield JSON.parse(part);
      if (done) return;
    }
  };

  const send = async (file, name, abort, step) => {
    const address = `files?name=${encodeURIComponent(name)}`;
    const response = await fetch(address, { method: "PUT", body: file, signal: abort.signal });
    if (!response.ok) {
      const told = await response.json().catch(() => ({ error: `${name}: refused (${response.status})` }));
      refuse([told.error]);
      return [];
    }
    const keys = [];
    for await (const line of lines(response)) {
      keys.push(...(line.keys || []));
      refuse(line.refused);
      step(line.done, line.of, keys.length);
    }
    return keys;
  };

  const relist = async () => {
    const html = await (await fetch(location.href)).text();
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("list");
    by("list").replaceWith(document.adoptNode(fresh));
    listen();
  };

  const take = async (found) => {
    if (busy || !found.length) return;
    busy = new AbortController();
    by("refused").replaceChildren();
    refuse([]);
    by("progress").hidden = false;
    // Corrections first, so that they count for what comes after them.
    found.sort((a, b) => SIDECAR.test(b.name) - SIDECAR.test(a.name));
    const keys = [];
    try {
      for (const [index, { file, name }] of found.entries()) {
        tell(found.length > 1 ? `${name}, ${index + 1} of ${found.length}` : name);
        const step = (done, of, count) => {
          bar.value = (index + done / of) / found.length;
          if (of > 1) tell(`${name}: ${done} of ${of} read`);
          if (count && of > 1) tell(`${name}: ${done} of ${of} read, ${count} sessions`);
        };
        bar.value = index / found.length;
        keys.push(...await send(file, name, busy, step));
      }
    } catch (error) {
      if (error.name !== "AbortError") refuse([`The server does not answer: ${error.message}`]);
    }
    busy = null;
    by("progress").hidden = true;
    bar.value = 0;
    if (keys.length === 1 && by("refused").hidden) { location.href = `sessions/${keys[0]}`; return; }
    tell(keys.length ? `${keys.length} sessions read.` : "No session was read.");
    await relist();
  };

  // What lies in a folder that was dropped; of folders only what may be a recording is sent.
  const walk = async (entry, found) => {
    const name = entry.fullPath.replace(/^\//, "");
    if (entry.isFile) {
      if (entry.fullPath.lastIndexOf("/") > 0 && !MEANT.test(name)) return;
      found.push({ name, file: await new Promise((give, fail) => entry.file(give, fail)) });
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((give, fail) => reader.readEntries(give, fail));
      if (!some.length) return;
      for (const each of some) await walk(each, found);
    }
  };

  const listen = () => {
    const find = by("find");
    if (!find) return;
    find.addEventListener("change", () => { location.search = `find=${encodeURIComponent(find.value)}`; });
  };

  addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over"); });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    const files = [...event.dataTransfer.files];
    const found = [];
    if (entries.length && entries.every(Boolean)) for (const entry of entries) await walk(entry, found);
    else found.push(...files.map((file) => ({ file, name: file.name })));
    if (!found.length) refuse(["There is no FIT, GPX or TCX file in what was dropped."]);
    await take(found);
  });
  by("files").addEventListener("change", (event) => {
    take([...event.target.files].map((file) => ({ file, name: file.name })));
    event.target.value = "";
  });
  by("folder").addEventListener("change", (event) => {
    const files = [...event.target.files].filter((file) => MEANT.test(file.name));
    if (!files.length) refuse(["There is no FIT, GPX or TCX file in this folder."]);
    take(files.map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    event.target.value = "";
  });
  by("stop").addEventListener("click", () => { if (busy) busy.abort(); });
  listen();
})();
