// What the dashboard does better with a script. Everything works without it.
(() => {
  "use strict";

  // Copy buttons: they appear where the browser can copy.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) continue;
    const label = button.textContent;
    button.hidden = false;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const text = source.textContent.trim();
      let copied = true;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        // Over plain HTTP there is no clipboard: select the text and copy the selection.
        const selection = getSelection();
        selection.selectAllChildren(source);
        copied = document.execCommand("copy");
      }
      button.textContent = copied ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // A page that was shown once must not be asked for again by a reload: it becomes the page that it names.
  const once = document.querySelector("[data-once]");
  if (once) history.replaceState(null, "", once.dataset.once);

  // On a phone the navigation is wider than the screen: the entry of this page comes into view.
  document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // Names are checked while they are typed, by the rule that the service has.
  const rules = {
    "resource-name": (name) =>
      !/^[a-z]/.test(name) ? "Start with a lowercase letter."
        : !/^[a-z0-9_]*$/.test(name) ? "Use lowercase letters, digits and underscores only."
          : name.length > 48 ? "Use at most 48 characters." : "",
  };
  for (const input of document.querySelectorAll("input[data-rule]")) {
    const field = input.closest(".field");
    const hint = document.createElement("p");
    hint.className = "error";
    hint.id = `${input.id}-hint`;
    hint.hidden = true;
    input.after(hint);
    input.addEventListener("input", () => {
      const problem = input.value === "" ? "" : rules[input.dataset.rule](input.value.trim());
      field.querySelector(`#${input.id}-error`)?.remove();
      hint.textContent = problem;
      hint.hidden = problem === "";
      field.classList.toggle("bad", problem !== "");
      input.setAttribute("aria-invalid", String(problem !== ""));
      const ids = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== hint.id);
      input.setAttribute("aria-describedby", [...(problem ? [hint.id] : []), ...ids].join(" "));
    });
  }

  // A form is sent once, however often its button is pressed.
  for (const form of document.forms) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "true";
      form.querySelector("button:not([type=button])")?.setAttribute("aria-busy", "true");
    });
  }
  // The browser may bring a page back as it was left.
  addEventListener("pageshow", () => {
    for (const form of document.forms) {
      delete form.dataset.sent;
      form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    }
  });

  // Times are UTC; a pointer on one shows the reader's own.
  for (const time of document.querySelectorAll("time[datetime*=T]")) {
    time.title = new Date(time.dateTime).toLocaleString();
  }

  // On a phone the navigation scrolls: show where one is. What was wrong comes first.
  document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.querySelector("main [aria-invalid=true]")?.focus();

  // What a forecast costs is reckoned while it is typed; without a script a button asks for it.
  for (const form of document.querySelectorAll("form[data-estimate]")) {
    const [sum, reckoning] = [form.querySelector("[data-sum]"), form.querySelector("[data-reckoning]")];
    const { profile, public_profile: publicProfile, count, estimate } = form.elements;
    const price = BigInt(form.dataset.price);
    estimate.hidden = true;
    const money = (nanos) => {
      const digits = String(nanos % 1000000000n).padStart(9, "0").replace(/0{1,7}$/, "");
      return `$${(nanos / 1000000000n).toLocaleString("en-US")}.${digits}`;
    };
    const update = () => {
      const options = [...(profile.list ?? profile).querySelectorAll("option")];
      const tokens = Number(options.find((option) => option.value === profile.value)?.dataset.tokens);
      const isCount = /^\s*\d{1,4}\s*$/.test(count.value) && count.value >= 1 && count.value <= 1000;
      const total = tokens * count.value;
      if (!publicProfile.value && tokens && isCount) {
        sum.textContent = `${total.toLocaleString("en-US")} model tokens, ${money(BigInt(total) * price)}`;
        reckoning.textContent = `${Number(count.value).toLocaleString("en-US")} trajectories × `
          + `${tokens.toLocaleString("en-US")} tokens each, at ${money(price)} a token`;
      } else {
        sum.textContent = "";
        reckoning.textContent = `Model tokens are count × steps × series, at ${money(price)} a token.`;
      }
    };
    form.addEventListener("input", update);
    addEventListener("pageshow", update);
  }
})();
