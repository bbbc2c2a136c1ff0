"use strict";
// The demonstration, as whoever tries callboard sees it first.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { after, before, test } = require("node:test");
const { chromium } = require("playwright-core");
const { until } = require("./site.js");

let demo;
let browser;
let started;

before(async () => {
    const words = ["demo", "--rooms", "6", "--port", "0", "--json", "--for", "180s"];
    demo = spawn(process.env.CALLBOARD, words, { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: demo.stdout })[Symbol.asyncIterator]();
    started = JSON.parse((await lines.next()).value);
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
});

after(async () => {
    await browser?.close();
    if (demo && demo.exitCode === null) {
        const gone = new Promise((resolve) => { demo.once("exit", resolve); });
        demo.kill("SIGTERM");
        await gone;
    }
});

const picture = (page, name) => page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });

test("the demonstration has a device of every kind, and each has what its room shows", async () => {
    const [room] = started.rooms;
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${started.feed}/sign-in?then=${encodeURIComponent(`/admin/rooms/${room}`)}`);
    await page.getByLabel("Password or token").fill("demonstration-only");
    await page.getByRole("button", { name: "Sign in" }).click();
    const kinds = ["cisco-ip-phone", "cisco-ip-phone", "cisco-roomos", "cisco-tms", "webhook", "mqtt"];
    await until("every device to be well", async () => {
        const rows = page.locator("#devices tbody tr");
        return await rows.count() === kinds.length && await rows.getByText("well", { exact: true }).count() === kinds.length;
    });
    const names = await page.locator("#devices tbody th").allTextContents();
    assert.deepEqual(names.map((name) => name.slice(room.length + 1).split("@")[0]).sort(), [...kinds].sort());
    const second = started.rooms[1];
    await page.goto(`${started.feed}/admin/rooms/${second}`);
    await until("the subject of a meeting that Exchange rewrote", async () => {
        await page.reload();
        return (await page.locator("#decisions").textContent()).includes(`subject from the copy in room ${room}`);
    });
    await page.locator("#today").getByText("Steering group", { exact: true }).waitFor();
    await page.getByText("-DeleteSubject $false").first().waitFor();
    await page.goto(`${started.feed}/`);
    for (const name of started.rooms) { await page.getByRole("link", { name, exact: true }).waitFor(); }
    await picture(page, "demo-rooms");
    await page.goto(`${started.feed}/rooms/${room}`);
    await page.locator("#state").getByText(/Busy|Free/).waitFor();
    await picture(page, "demo-panel");
});
