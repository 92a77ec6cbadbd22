// Everything on the site works without this file; it makes waiting, typing and moving smoother.
// It is bundled into app.min.js by scripts/vendor-frontend: change it here, then run that.
import "htmx.org/dist/htmx.js";
import { Button } from "govuk-frontend/dist/govuk/components/button/button.mjs";
import { CharacterCount } from "govuk-frontend/dist/govuk/components/character-count/character-count.mjs";
import { ErrorSummary } from "govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs";
import { PasswordInput } from "govuk-frontend/dist/govuk/components/password-input/password-input.mjs";
import { SkipLink } from "govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs";

const COMPONENTS = [Button, CharacterCount, ErrorSummary, PasswordInput, SkipLink];

// The components look for this class, which their own template sets in an inline script.
document.body.classList.add("js-enabled", "govuk-frontend-supported");

function enhance(root) {
  for (const Component of COMPONENTS) {
    const name = Component.moduleName;
    const found = root.querySelectorAll(`[data-module="${name}"]:not([data-${name}-init])`);
    for (const element of found) {
      try {
        new Component(element);
      } catch (error) {
        console.warn(error);
      }
    }
  }
}

enhance(document);

// What was swapped in is enhanced too; a refused form hands the reader its list of errors.
document.addEventListener("htmx:after:swap", (event) => {
  enhance(document);
  if (event.detail.ctx?.response?.status === 422) {
    document.querySelector(".govuk-error-summary")?.focus();
  }
});

// Where a part that saves itself could not, the tick of its last save would be believed. It is
// tried again when there is a network again, or somebody comes back from signing in elsewhere.
function notSaved(event) {
  const part = event.detail.ctx?.sourceElement?.closest?.("[data-unsaved]");
  const state = part?.querySelector("[role=status]");
  if (!state) return;
  state.classList.add("unsaved");
  state.textContent = part.dataset.unsaved;
}
async function tryAgain() {
  const unsaved = document.querySelectorAll(".unsaved");
  if (document.hidden || !unsaved.length) return;
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  // Whoever signed in again has another token: this page takes it over.
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const headers = "hx-headers:inherited";
  document.body.setAttribute(headers, fresh.body.getAttribute(headers) ?? "");
  const token = fresh.querySelector("[name=_csrf]")?.value;
  for (const field of document.querySelectorAll("[name=_csrf]")) field.value = token;
  for (const state of unsaved) {
    state.closest("[data-unsaved]").dispatchEvent(new Event("change", { bubbles: true }));
  }
}
document.addEventListener("htmx:error", notSaved);
document.addEventListener("htmx:response:error", notSaved);
document.addEventListener("htmx:after:swap", (event) => {
  if (!event.detail.ctx?.response?.raw?.ok || document.querySelector(".unsaved")) return;
  document.getElementById("problem")?.replaceChildren();
});
document.addEventListener("visibilitychange", tryAgain);
window.addEventListener("online", tryAgain);

// One open menu at a time; Escape and a click elsewhere close it.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
