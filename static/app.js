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
