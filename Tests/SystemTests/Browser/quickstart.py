"""The public quickstart, as a person goes through it in a browser: sign up, token, card, source, rows, profile,
forecast; another token's whole life; then the first token is deleted while a program uses it, and the password changed.

Reads BASE from the environment. JAVASCRIPT=off runs the same without scripts; SCREENSHOTS names a folder for pictures
of every page, in both colour schemes and two widths, in which each page is examined anyway. Prints a line per step, and
fails with a traceback.
"""

import base64
import json
import math
import os
import secrets
import subprocess
import sys
import threading
import time
import urllib.parse

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

BASE = os.environ["BASE"]
HAS_SCRIPTS = os.environ.get("JAVASCRIPT") != "off"
PREDICTION = {"data_profile": "hourly_orders", "count": 5, "temperature": 1.0, "top_p": 0.9}


def start_browser():
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=en"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not HAS_SCRIPTS:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    browser.set_page_load_timeout(60)
    browser.set_window_size(1280, 900)
    return browser


class Visitor:
    """A person at a browser, who looks at what a page says and not at how it is made."""

    def __init__(self, browser):
        self.browser = browser
        self.heaviest = (0, "")

    def open(self, path):
        self.browser.get(BASE + path)
        self.look()

    def look(self):
        """Fails on anything that the browser had to complain about; notes how much it loaded."""
        complaints = [entry["message"] for entry in self.browser.get_log("browser")
                      if entry["level"] == "SEVERE" and "status of" not in entry["message"]]
        assert not complaints, complaints
        messages = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        loaded = {}
        for message in messages:
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                assert url.startswith((BASE + "/", "data:", "about:", "chrome")), f"a third party: {url}"
            if message["method"] == "Network.loadingFinished":
                loaded[message["params"]["requestId"]] = message["params"]["encodedDataLength"]
        self.heaviest = max(self.heaviest, (sum(loaded.values()), self.browser.current_url))

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "body").text

    def sees(self, words):
        """Waits until the page says something."""
        WebDriverWait(self.browser, 20).until(lambda _: words.lower() in self.text().lower(), f"never seen: {words}")
        self.look()

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def fill(self, name, text):
        field = self.find(f"main [name='{name}']")
        if field.tag_name == "select":
            Select(field).select_by_value(text)
            return
        field.clear()
        field.send_keys(text)

    def press(self, words):
        """Presses the button, or follows the link, that says so."""
        old = self.find("html")
        matches = [element for element in self.browser.find_elements(By.CSS_SELECTOR, "main button, main a, header a, header button")
                   if element.text.strip().lower() == words.lower()]
        assert matches, f"nothing says {words!r}; the page says: {self.text()}"
        matches[0].click()
        WebDriverWait(self.browser, 60).until(lambda _: self.has_gone(old))
        self.look()

    @staticmethod
    def has_gone(element):
        try:
            element.is_enabled()
            return False
        except Exception:
            return True


def request(path, token, body):
    """A request as a program sends it, with curl; the token is not in the argument list. Returns status and body."""
    config = (f'url = "{BASE}{path}"\nsilent\nheader = "Authorization: Bearer {token}"\n'
              'header = "Content-Type: application/json"\nwrite-out = "\\n%{http_code}"\n')
    with open(f"/tmp/temporis-browser-{os.getpid()}.json", "w") as file:
        json.dump(body, file)
    config += f'data = "@{file.name}"\n'
    output = subprocess.run(
        ["curl", "-q", "--max-time", "30", "--config", "-"], input=config, text=True, capture_output=True, check=True)
    os.unlink(file.name)
    answer, status = output.stdout.rsplit("\n", 1)
    return int(status), answer


def hourly_rows(days=90):
    last = int(time.time()) // 3600 * 3600
    hours = days * 24
    return [{"timestamp": last - (hours - 1 - hour) * 3600, "name": "orders",
             "value": round(60 + 30 * math.sin(hour / 24 * 2 * math.pi) + 12 * math.sin(hour / 168 * 2 * math.pi)
                            + hour * 7919 % 11, 2)} for hour in range(hours)]


class Loop:
    """A program that predicts over and over with one token."""

    def __init__(self, token):
        self.token = token
        self.answers = []  # (when it was sent, status, body)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.answers or self.answers[-1][1] == 200:
            sent = time.monotonic()
            self.answers.append((sent, *request("/v1/predict", self.token, PREDICTION)))


# Texts with less contrast than WCAG's level AA asks for, landmarks of one name, and what is wider than the screen or
# than its card.
AUDIT = """
const problems = [];
const parts = (color) => {
  const numbers = color.match(/[\\d.]+(?:e-?\\d+)?/g).map(Number);
  const rgb = color.startsWith("color(") ? numbers.slice(0, 3).map((part) => part * 255) : numbers.slice(0, 3);
  return { rgb, alpha: numbers[3] ?? 1 };
};
const over = ({ rgb, alpha }, ground) => rgb.map((part, index) => part * alpha + ground[index] * (1 - alpha));
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const lineage = (element) => element ? [...lineage(element.parentElement), element] : [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement, style = getComputedStyle(element);
  const text = walker.currentNode.data.trim();
  const isHidden = !element.checkVisibility() || element.closest(".hidden, .skip, script, style, option");
  if (!text || isHidden) continue;
  let ground = [255, 255, 255], opacity = 1;
  for (const ancestor of lineage(element)) {
    const { backgroundColor, opacity: own } = getComputedStyle(ancestor);
    ground = over(parts(backgroundColor), ground);
    opacity *= own;
  }
  const { rgb, alpha } = parts(element.closest("svg") ? style.fill : style.color);
  const [one, other] = [luminance(over({ rgb, alpha: alpha * opacity }, ground)), luminance(ground)];
  const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (ratio < (isLarge ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)}: ${text}`);
}
const names = [...document.querySelectorAll("nav, section[aria-label], section[aria-labelledby], [role=region]")].map(
  (landmark) => landmark.ariaLabel
    ?? document.getElementById(landmark.getAttribute("aria-labelledby"))?.textContent ?? "");
names.forEach((name, index) => { if (names.indexOf(name) < index) problems.push(`landmarks of one name: ${name}`); });
const { scrollWidth } = document.scrollingElement;
if (scrollWidth > innerWidth) problems.push(`${scrollWidth} pixels wide on a screen of ${innerWidth}`);
for (const element of document.querySelectorAll("main .card :is(tbody th, td, dd, tbody th *, td *, dd *)")) {
  const [inner, outer] = [element, element.closest(".card")].map((part) => part.getBoundingClientRect());
  const isCut = inner.width && (inner.left < outer.left - 1 || inner.right > outer.right + 1);
  if (isCut && !element.closest(".tablebox, .hidden")) problems.push(`beyond its card: ${element.textContent.trim()}`);
}
return problems;
"""


def examine(browser, folder, name):
    """Looks at the page that is shown in both colour schemes and at some widths; takes pictures, whole, for a folder."""
    for scheme in ("light", "dark"):
        # Without motion: a colour on its way to another is neither.
        features = [{"name": "prefers-color-scheme", "value": scheme},
                    {"name": "prefers-reduced-motion", "value": "reduce"}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        for width in (375, 400, 768, 1280):
            metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            if HAS_SCRIPTS:
                problems = browser.execute_script(AUDIT)
                assert not problems, (name, scheme, width, problems)
            if not folder:
                continue
            height = int(browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]["height"])
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {**metrics, "height": min(height, 6000)})
            picture = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            with open(os.path.join(folder, f"{name}-{scheme}-{width}.png"), "wb") as file:
                file.write(base64.b64decode(picture))
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def predict_status(token):
    return request("/v1/predict", token, PREDICTION)[0]


def token_life(visitor, shoot):
    """A token that expires is created, rotated, renamed, disabled, enabled and deleted."""
    browser = visitor.browser
    visitor.press("Access tokens")
    visitor.fill("name", "weekly job")
    visitor.fill("expiry", "other")
    visitor.fill("days", "soon")
    visitor.find("main [name='ingest']").click()
    visitor.press("Create token")
    visitor.sees("Must be a whole number")
    assert not visitor.find("main [name='ingest']").is_selected(), "the permission came back"
    shoot("tokens-refused")
    visitor.fill("days", "45")
    visitor.press("Create token")
    first = visitor.find("#secret").text.strip()
    visitor.press("I have stored it")
    visitor.sees("Active")
    page = browser.current_url.removeprefix(BASE)
    facts = visitor.find("dl.facts").text
    assert "predict" in facts and "ingest" not in facts and facts.count("Never") == 1, facts
    shoot("token")

    visitor.press("Rotate this token")
    shoot("token-rotate")
    visitor.fill("grace", "0")
    visitor.press("Rotate this token")
    visitor.sees("Has stopped. Revision")
    second = visitor.find("#secret").text.strip()
    shoot("token-rotated")
    assert first != second and (predict_status(first), predict_status(second)) == (401, 200)
    browser.refresh()
    visitor.sees("What it is" if HAS_SCRIPTS else "already rotated")
    assert second not in browser.page_source, "the secret is shown again"

    visitor.open(page)
    long_name = "monthly_" + 19 * "job"
    visitor.fill("name", long_name)
    visitor.press("Rename")
    visitor.sees("renamed")
    for path, name in (("tokens", "tokens-long-name"), ("activity", "activity-long-name")):
        visitor.open("/dashboard/" + path)
        visitor.sees(long_name)
        shoot(name)
    visitor.open(page)
    visitor.press("Disable this token")
    visitor.sees("1 prediction,")
    shoot("token-disable")
    visitor.press("Disable this token")
    visitor.sees("no verifier accepts it since")
    visitor.sees("Disabled")
    assert predict_status(second) == 401
    shoot("token-disabled")
    visitor.press("Enable this token")
    visitor.sees("every verifier accepts it again since")
    assert predict_status(second) == 200
    visitor.press("Delete this token")
    visitor.sees("2 predictions,")
    visitor.press("Delete this token")
    visitor.sees("no verifier accepts it since")
    assert predict_status(second) == 401 and long_name not in visitor.text()
    visitor.press("Activity")
    visitor.sees("Access token deleted")
    shoot("activity")
    print("a token lived, and died with a receipt")


def session_cookie(browser):
    return next(cookie for cookie in browser.get_cookies() if cookie["name"].startswith("temporis_session"))


def account(visitor, shoot, password):
    """The account's page: a password is changed, and this browser stays signed in. Returns the new one."""
    visitor.press("Account")
    visitor.sees("This browser")
    shoot("account")
    changed = secrets.token_hex(12)
    visitor.fill("current_password", "not the password")
    visitor.fill("new_password", changed)
    visitor.press("Change password")
    visitor.sees("The current password is wrong")
    shoot("account-refused")
    visitor.fill("current_password", password)
    visitor.fill("new_password", changed)
    visitor.press("Change password")
    visitor.sees("Your password is changed")
    visitor.press("Sign out everywhere else")
    visitor.sees("Every other session has ended")
    print("changed the password")
    return changed


def quickstart(visitor, shoot):
    browser = visitor.browser
    email, password = f"{secrets.token_hex(8)}@example.com", secrets.token_hex(12)

    visitor.open("/dashboard")
    visitor.sees("Sign in")
    shoot("sign-in")
    visitor.press("Create an account")
    visitor.fill("email", email)
    visitor.fill("password", password)
    shoot("sign-up")
    visitor.press("Create account")
    visitor.sees("Get started")
    shoot("overview-new")
    print("signed up")

    visitor.press("Access tokens")
    visitor.sees("No access tokens")
    shoot("tokens-empty")
    visitor.fill("name", "laptop")
    visitor.press("Create token")
    token = visitor.find("#secret").text.strip()
    assert token.startswith("ts_") and len(token) == 52, len(token)
    assert visitor.find("[data-copy='secret']").is_displayed() == HAS_SCRIPTS
    shoot("token-created")
    browser.refresh()
    if not HAS_SCRIPTS:
        visitor.sees("already created")
    assert token not in browser.page_source, "the secret is shown again"
    visitor.open("/dashboard/tokens")
    visitor.sees("laptop")
    assert token[-4:] in visitor.text() and token not in browser.page_source
    assert browser.page_source.count("laptop") >= 1 and len(browser.find_elements(By.CSS_SELECTOR, "tbody tr")) == 1
    shoot("tokens")
    print("created a token, shown once")

    visitor.press("Billing")
    shoot("billing-empty")
    visitor.press("Put on file")
    visitor.sees("4242")
    print("put a card on file")

    visitor.press("Data sources")
    visitor.fill("name", "Store Metrics")
    visitor.press("Create source")
    visitor.sees("lowercase letter")
    assert visitor.find("main [name='name']").get_attribute("value") == "Store Metrics", "the input was lost"
    shoot("sources-refused")
    visitor.fill("name", "store_metrics")
    visitor.press("Create source")
    visitor.sees("store_metrics")
    # Made once: another hour may have begun when they are looked for.
    rows = hourly_rows()
    status, body = request("/v1/data_sources/ingest", token, {"data_source": "store_metrics", "records": rows})
    assert (status, body) == (204, ""), (status, body)
    visitor.open("/dashboard/sources/store_metrics")
    visitor.sees("2,160")
    shoot("source")
    print("ingested 90 days of hourly rows")

    visitor.open("/dashboard/new-profile?source=store_metrics")
    shoot("profile-new")
    visitor.fill("name", "hourly_orders")
    visitor.fill("names", "orders")
    visitor.fill("interval", "0")
    visitor.press("Create profile")
    visitor.sees("interval")
    assert visitor.find("main [name='name']").get_attribute("value") == "hourly_orders", "the input was lost"
    shoot("profile-refused")
    visitor.fill("interval", "3600")
    visitor.press("Create profile")
    visitor.sees("Ready")
    shoot("profile")
    visitor.press("Delete")
    visitor.sees("What stops working")
    shoot("profile-delete")
    visitor.press("Keep it")
    visitor.press("Data profiles")
    visitor.sees("hourly_orders")
    shoot("profiles")
    print("created a profile, ready")

    visitor.open("/dashboard/forecast?profile=hourly_orders")
    shoot("forecast")
    visitor.press("Draw forecast")
    visitor.sees("Median")
    assert visitor.find("main svg.fan")
    charged = visitor.text()
    shoot("forecast-answer")
    browser.refresh()
    visitor.sees("Median")
    visitor.press("Billing")
    assert len(browser.find_elements(By.CSS_SELECTOR, "#charges ~ * tbody tr")) == 1, "a reload was charged again"
    shoot("billing")
    print("drew a forecast, charged once")

    token_life(visitor, shoot)

    loop = Loop(token)
    while len(loop.answers) < 3:
        assert loop.thread.is_alive(), loop.answers
        time.sleep(0.01)
    visitor.press("Access tokens")
    visitor.press("Delete")
    visitor.sees("What stops working")
    shoot("token-delete")
    visitor.press("Delete this token")
    visitor.sees("no verifier accepts it since")
    deleted = time.monotonic()
    loop.thread.join(30)
    assert not loop.thread.is_alive(), "the deleted token still works"
    assert all(status == 200 for _, status, _ in loop.answers[:-1]), loop.answers
    assert loop.answers[-1][1:] == (401, '{"detail": "Invalid access token."}'), loop.answers[-1]
    assert all(sent <= deleted for sent, status, _ in loop.answers if status == 200)
    print(f"deleted the token: {len(loop.answers) - 1} predictions, then the 401")

    visitor.open("/dashboard")
    shoot("overview")
    cookie = session_cookie(browser)
    assert cookie["name"] == f"temporis_session_{urllib.parse.urlsplit(BASE).port}", cookie["name"]
    assert cookie["httpOnly"] and cookie["sameSite"] in ("Lax", "Strict") and cookie["path"] == "/dashboard", cookie

    cut = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(rows[-1]["timestamp"] - 719 * 3600))
    visitor.open("/dashboard/sources/store_metrics")
    visitor.press("Delete rows")
    visitor.sees("Delete 2,160 rows?")
    shoot("rows-delete-all")
    visitor.open(f"/dashboard/sources/store_metrics/delete-rows?series=orders&start=&end={cut}")
    visitor.sees("Delete 1,440 rows?")
    visitor.sees("hourly_orders")
    shoot("rows-delete")
    visitor.press("Delete 1,440 rows")
    visitor.sees("rows are deleted")
    visitor.sees("720")
    visitor.open("/dashboard/sources/store_metrics/delete-rows?start=yesterday")
    visitor.sees("Must be a time")
    shoot("rows-delete-refused")
    visitor.open("/dashboard/new-profile?source=store_metrics")
    visitor.fill("name", "misspelt")
    visitor.fill("names", "Orders")
    visitor.fill("interval", "3600")
    visitor.press("Create profile")
    visitor.sees("has no rows of “Orders”")
    shoot("profile-misspelt")
    visitor.open("/dashboard/sources/store_metrics")
    visitor.press("Delete this source")
    shoot("source-delete")
    visitor.find("[name=force]").click()
    visitor.press("Delete this source")
    visitor.sees("No data sources")
    print("deleted rows, and the source with its profiles")

    password = account(visitor, shoot, password)
    before, cookie = cookie, session_cookie(browser)
    assert cookie["value"] != before["value"], "the session is still the one before the password was changed"
    assert cookie["httpOnly"] and cookie["path"] == "/dashboard", cookie

    visitor.press("Data sources")
    visitor.press("Sign out")
    visitor.sees("signed out")
    browser.add_cookie({key: cookie[key] for key in ("name", "value", "path")})
    visitor.open("/dashboard/tokens")
    visitor.sees("Sign in")
    print("signed out; the old cookie signs nobody in")

    visitor.open("/dashboard/sign-in")
    visitor.fill("email", email)
    visitor.fill("password", "not the password")
    visitor.press("Sign in")
    visitor.sees("do not belong together")
    shoot("sign-in-refused")
    visitor.fill("email", email)
    visitor.fill("password", password)
    visitor.press("Sign in")
    visitor.sees("Overview")
    visitor.open("/dashboard/nothing")
    shoot("not-found")
    print("signed in again")


def main():
    browser = start_browser()
    visitor = Visitor(browser)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        os.makedirs(folder, exist_ok=True)
    try:
        quickstart(visitor, lambda name: examine(browser, folder, name))
    except Exception:
        print(f"at {browser.current_url}", file=sys.stderr)
        raise
    finally:
        browser.quit()
    weight, page = visitor.heaviest
    assert weight < 100 << 10, f"{page} loads {weight} bytes"
    print(f"heaviest page: {weight} bytes, {page.removeprefix(BASE)}")


main()
