// Opens pages in headless Chromium, as a reader would: on a phone and on a wide screen, light and
// dark, by keyboard, on paper. Any request, message of the console or finding of axe is a failure.
// usage: html_chromium.mjs NODE_MODULES CHROMIUM PAGES SCREENSHOTS

import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, executablePath, pages, screenshots] = process.argv.slice(2);
const require = createRequire(pathToFileURL(path.join(modules, "node_modules", "_")));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const quiet = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
const problems = [];
let looks = 0;

for (const file of fs.readdirSync(pages).filter((name) => name.endsWith(".html")).sort()) {
    const address = pathToFileURL(path.join(pages, file)).href;
    for (const width of [360, 1440]) {
        for (const colorScheme of ["light", "dark"]) {
            const look = `${file} ${width} ${colorScheme}`;
            const problem = (text) => problems.push(`${look}: ${text}`);
            const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
            const page = await context.newPage();
            page.on("request", (request) => request.url() === address || problem(`asks for ${request.url()}`));
            page.on("console", (message) => problem(`console: ${message.text()}`));
            page.on("pageerror", (error) => problem(`error: ${error}`));
            page.on("dialog", (dialog) => problem(`dialog: ${dialog.message()}`));
            await page.goto(address);
            await page.screenshot({ path: path.join(screenshots, `${look.replaceAll(" ", "-")}.png`), fullPage: true });
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            if (wide > width) problem(`is ${wide} wide`);

            // What is folded is looked at, too.
            await page.evaluate(() => document.querySelectorAll("details").forEach((part) => (part.open = true)));
            const stops = await page.locator("summary, [tabindex]").count();
            for (let at = 0; at < stops; at++) await page.keyboard.press("Tab");
            const reached = await page.evaluate(() => document.activeElement.matches("summary, [tabindex]"));
            if (stops === 0 || !reached) problem("is not read by keyboard");
            // By way of the debugger, so that the page's policy does not need to allow it.
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() => axe.run());
            for (const { id, nodes } of violations) {
                problem(`axe: ${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" … ")}`);
            }
            if (colorScheme === "light" && width === 1440) {
                const paper = await page.pdf({ format: "A4" });
                // Where nothing is written, there is no font.
                if (!paper.includes("/Type /Font")) problem("prints empty pages");
            }
            looks++;
            await context.close();
        }
    }
}
await browser.close();
for (const text of problems) console.error(text);
console.log(`${looks} looks, ${problems.length} problems`);
process.exit(problems.length > 0 || looks === 0 ? 1 : 0);
