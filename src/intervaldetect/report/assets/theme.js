"use strict";
// Runs before the page is drawn: the chosen theme, else the system's.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try { return localStorage.getItem("theme"); } catch { return null; }
  };
  const isDark = () => (stored() || (system.matches ? "dark" : "light")) === "dark";
  const listeners = [];

  const apply = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    const button = document.getElementById("theme");
    if (button) {
      button.hidden = false;
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `Change to ${isDark() ? "light" : "dark"} colours`);
    }
    listeners.forEach((listener) => listener(isDark()));
  };

  window.theme = { isDark, onChange: (listener) => listeners.push(listener) };
  apply();
  system.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    apply();
    document.getElementById("theme").addEventListener("click", () => {
      try { localStorage.setItem("theme", isDark() ? "light" : "dark"); } catch { return; }
      apply();
    });
  });
})();
