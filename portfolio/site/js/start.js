/**
 * What a page loads of its demo at first: the button that loads the rest.
 */

const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (
  document.querySelectorAll("[data-demo]")
);
const status = document.querySelector("#demo-status");
const recorded = document.querySelector("#demo-recorded");
let place = /** @type {HTMLElement} */ (document.querySelector("#demo-place"));
let busy = false;

/**
 * Load a demo and show it where the recorded example, or the other demo, stands.
 * @param {HTMLButtonElement} button
 */
async function start(button) {
  wait(true);
  status.textContent = "Loading …";
  try {
    const answer = await fetch(button.dataset.demo);
    if (!answer.ok) throw new Error(`${button.dataset.demo}: the server said ${answer.status}.`);
    const data = await answer.json();
    if (place.hidden) document.head.append(style());
    const { show } = await import(`./${data.kind}.js`);
    const fresh = /** @type {HTMLElement} */ (place.cloneNode());
    await show(fresh, data);
    place.replaceWith(fresh);
    place = fresh;
    place.hidden = false;
    if (recorded) recorded.hidden = true;
    buttons.forEach((one) => {
      one.hidden = one === button;
    });
    status.textContent = `The demo is ready. It runs version ${data.model.version}.`;
    place.focus();
  } catch (error) {
    status.textContent = `The demo could not be started. ${error.message}`;
  }
  wait(false);
}

/** @param {boolean} now whether a demo is being loaded */
function wait(now) {
  busy = now;
  buttons.forEach((one) => one.setAttribute("aria-disabled", String(now)));
}

/** @returns {HTMLLinkElement} how demos look */
function style() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("demo.css", import.meta.url).href;
  return link;
}

/** Say why there is no demo where the browser cannot check what it loads. */
function offer() {
  if (!isSecureContext) {
    status.textContent =
      "The demo needs this page over https (or on localhost): elsewhere a browser does not " +
      "offer the checksum (crypto.subtle) by which the model is known.";
    return;
  }
  buttons.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (!busy) start(button);
    });
  });
}

offer();
