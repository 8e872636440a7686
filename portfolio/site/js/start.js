/**
 * What a page loads of its demo at first: the button that loads the rest.
 */

const button = /** @type {HTMLButtonElement} */ (document.querySelector("[data-demo]"));
const status = document.querySelector("#demo-status");
const place = /** @type {HTMLElement} */ (document.querySelector("#demo-place"));

/** Load the demo and show it where the recorded example stands. */
async function start() {
  button.setAttribute("aria-disabled", "true");
  status.textContent = "Loading …";
  try {
    const answer = await fetch(button.dataset.demo);
    if (!answer.ok) throw new Error(`${button.dataset.demo}: the server said ${answer.status}.`);
    const data = await answer.json();
    document.head.append(style());
    const { show } = await import(`./${data.kind}.js`);
    await show(place, data);
    place.hidden = false;
    document.querySelector("#demo-recorded").hidden = true;
    button.hidden = true;
    status.textContent = "The demo is ready.";
    place.focus();
  } catch (error) {
    button.removeAttribute("aria-disabled");
    status.textContent = `The demo could not be started. ${error.message}`;
  }
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
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") !== "true") start();
  });
}

offer();
