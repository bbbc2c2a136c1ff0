"use strict";
// The pages, as people see them.

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { after, before, test } = require("node:test");
const axe = require.resolve("axe-core");
const { Site, until } = require("./site.js");

const LOOKS = [
    ["light", { width: 360, height: 740 }],
    ["light", { width: 800, height: 1100 }, "at a glance"],
    ["light", { width: 1280, height: 800 }],
    ["light", { width: 1920, height: 1080 }, "at a glance"],
    ["dark", { width: 1280, height: 800 }],
];
let site;

before(async () => {
    site = await Site.start();
    for (const number of [1, 2, 3, 4, 5, 6]) {
        // What is measured is how a change gets here, not how long the attendant takes to decide.
        await site.tell(`rooms/room-${number}/processing`, { DelayMs: 0 }, "POST");
    }
    const meetings = [
        ["room-1", "Wochenbesprechung", -20, 60],
        ["room-1", "Lieferanten", 90, 45],
        ["room-2", "Quarterly review", -30, 75, { location: "Ninth floor" }],
        ["room-2", "Hiring committee", 60, 30],
        ["room-2", "Board dinner, preparations", 150, 90],
        ["room-2", "Handover", 250, 30],
        ["room-2", "Wrap up", 290, 30],
        ["room-2", "Late call", 340, 30],
        ["room-3", "Mesures", 15, 120],
        ["room-4", "<script>document.title = 'broken'</script>", 10, 30],
        ["room-4", "\u202Egnp.exe ]]> & \"quotes\"", 60, 30],
        ["room-5", "設計レビュー", -10, 50],
        ["room-6", "Presupuesto", 30, 30],
    ];
    for (const [room, subject, from, length, more] of meetings) {
        site.meetings[subject] = await site.invite(room, subject, from, length, more);
    }
    await site.until("room-6", "Presupuesto");
    await site.browse();
});

after(async () => { await site?.stop(); });

/** What axe-core finds that keeps somebody out, or lets them lose their way. */
async function barriers(page) {
    await page.evaluate(readFileSync(axe, "utf8"));
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const astray = ["region", "page-has-heading-one"];
    const grave = violations.filter(({ id, impact }) => impact === "serious" || impact === "critical" || astray.includes(id));
    return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

/** What nobody can read: words that are broken in two, tables that reach beyond their card, and rows of a panel that are cut. */
function unreadable(page) {
    return page.evaluate(() => {
        const found = [];
        const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let text = words.nextNode(); text; text = words.nextNode()) {
            for (const word of text.data.matchAll(/[A-Za-z0-9]{2,20}/g)) {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
                if (lines.size > 1) { found.push(`\`${word[0]}\` is broken`); }
            }
        }
        for (const card of document.querySelectorAll(".card, table")) {
            if (card.scrollWidth > card.clientWidth + 1) { found.push(`${card.className} scrolls sideways`); }
        }
        const bottom = document.querySelector("#bar")?.getBoundingClientRect().top;
        for (const row of document.querySelectorAll(".part li")) {
            if (row.getBoundingClientRect().bottom > bottom) { found.push(`\`${row.textContent}\` is cut`); }
        }
        return found;
    });
}

const isWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/** Waits until a panel says so: its policy lets nobody evaluate anything in the page. */
const says = (page, state) => until(state, async () => await page.locator("#state").textContent() === state);

/** Waits until something can be seen of a text. */
const sees = (page, text) => page.getByText(text).locator("visible=true").first().waitFor();

function picture(page, name) {
    return page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
}

test("a panel says who has the room, in its language", async () => {
    for (const [room, state, next] of [["room-1", "Belegt", "Lieferanten"], ["room-2", "Busy", "Hiring committee"], ["room-5", "使用中", "今日の予定はほかにありません"], ["room-6", "Libre", "Presupuesto"]]) {
        const page = await site.page();
        await page.goto(`${site.url}/rooms/${room}`);
        await sees(page, next);
        assert.equal(await page.locator("#state").textContent(), state);
        assert.match(await page.locator("#spoken").textContent(), new RegExp(state));
        await page.context().close();
    }
});

test("a panel changes within two seconds of a change in Exchange", async () => {
    const times = [];
    for (const [room, before, now] of [["room-1", "Lieferanten", "Kunden"], ["room-5", "設計レビュー", "製品レビュー"], ["room-6", "Presupuesto", "Contratos"]]) {
        const page = await site.page();
        await page.goto(`${site.url}/rooms/${room}`);
        await sees(page, before);
        const began = Date.now();
        await site.tell(`meetings/${site.meetings[before]}/rename`, { subject: now });
        await sees(page, now);
        times.push(Date.now() - began);
        await page.context().close();
    }
    const page = await site.page();
    await page.goto(`${site.url}/rooms/room-3`);
    await says(page, "Libre");
    const began = Date.now();
    await site.tell(`meetings/${site.meetings.Mesures}/cancel`);
    await page.getByText("Mesures").first().waitFor({ state: "detached" });
    times.push(Date.now() - began);
    await page.context().close();
    console.log(`a panel changed within ${times.join(", ")} ms`);
    // A machine that does other things besides may be late with some of them.
    assert.ok(Math.min(...times) < 2000, `${times} ms`);
});

test("what a meeting is called breaks no page", async () => {
    const page = await site.page();
    await page.goto(`${site.url}/rooms/room-4`);
    await sees(page, "<script>document.title");
    assert.notEqual(await page.title(), "broken");
    await site.signIn(page, "/admin/rooms/room-4");
    await sees(page, "<script>document.title");
    assert.notEqual(await page.title(), "broken");
    await page.context().close();
});

test("nobody gets in without the password", async () => {
    const page = await site.page();
    await page.goto(`${site.url}/admin/servers`);
    assert.match(page.url(), /\/sign-in\?then=/);
    await page.getByLabel("Password or token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await sees(page, "neither the password nor a token");
    await site.signIn(page, "/admin/servers");
    await page.getByRole("heading", { name: /^hq/ }).waitFor();
    const [cookie] = await page.context().cookies();
    assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Strict"]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Password or token").waitFor();
    await page.goto(`${site.url}/`);
    assert.match(page.url(), /\/sign-in/);
    await page.context().close();
});

test("a room is read again at the press of a button, and a server tried", async () => {
    const page = await site.page();
    await site.signIn(page, "/admin/rooms/room-2");
    await page.locator("#decisions").getByText("Quarterly review").waitFor();
    await page.getByRole("button", { name: "Resync" }).click();
    await sees(page, "Nothing differs from a complete read.");
    await page.locator("[data-running]").waitFor({ state: "detached" });
    await page.goto(`${site.url}/admin/servers`);
    await page.getByRole("button", { name: "Test connection" }).click();
    await sees(page, "signed in, and read the calendar of room");
    await page.context().close();
});

test("a room is compared with Exchange at the press of a button", async () => {
    const page = await site.page();
    await site.signIn(page, "/admin/rooms/room-2");
    await page.getByRole("button", { name: "Compare with Exchange" }).click();
    await page.getByRole("heading", { name: "room-2 compared with Exchange" }).waitFor();
    await sees(page, "6 meetings were compared with what Exchange itself makes of the calendar. None differs.");
    await page.locator("[data-running]").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("button", { name: "What would change?" }).click();
    await sees(page, "Nothing differs from a complete read.");
    await page.context().close();
});

test("rooms are found while one types", async () => {
    const page = await site.page();
    await site.signIn(page);
    await page.getByRole("link", { name: "Aalto, first floor" }).waitFor();
    await page.getByLabel("Search").fill("boardroom");
    await page.getByRole("link", { name: "Aalto, first floor" }).waitFor({ state: "detached" });
    assert.ok(await page.getByRole("link", { name: "Boardroom, ninth floor" }).isVisible());
    await page.getByLabel("Search").fill("nothing is called that");
    await sees(page, "Nothing found");
    await page.context().close();
});

test("every page is within reach of everybody, at every width, in light and dark", async () => {
    const found = [];
    for (const [colorScheme, size, glance] of LOOKS) {
        const page = await site.page(size, { colorScheme });
        const look = async (name, path, seen) => {
            await page.goto(`${site.url}${path}`);
            await sees(page, seen);
            const place = `${name}-${colorScheme}-${size.width}`;
            if (await isWide(page)) { found.push(`${place}: it scrolls sideways`); }
            found.push(...(await unreadable(page)).map((fault) => `${place}: ${fault}`));
            // What axe-core judges hangs on the colours, and on whether tables are tables.
            if (!glance) { found.push(...(await barriers(page)).map((barrier) => `${place}: ${barrier}`)); }
            await picture(page, place);
        };
        await look("panel", "/rooms/room-2", "Hiring committee");
        await look("sign-in", "/sign-in", "Password or token");
        await site.signIn(page);
        await look("rooms", "/", "Boardroom, ninth floor");
        await look("room", "/admin/rooms/room-2", "Quarterly review");
        await look("servers", "/admin/servers", "Test connection");
        await look("clock", "/admin/clock", "NTP servers");
        await page.context().close();
    }
    assert.deepEqual(found, []);
});

test("other people's readers understand the calendar and the document", async () => {
    const files = {};
    for (const [name, path] of [["calendar.ics", "/api/rooms/room-4/calendar.ics"], ["openapi.json", "/api/openapi.json"], ["meetings.json", "/api/rooms/room-2/meetings"], ["rooms.json", "/api/rooms"]]) {
        files[name] = join(site.folder, name);
        writeFileSync(files[name], Buffer.from(await (await fetch(site.url + path)).arrayBuffer()));
    }
    const judge = join(__dirname, "..", "calendar", "judge.py");
    const judged = spawnSync(process.env.PYTHON, [judge, ...Object.values(files)], { encoding: "utf8" });
    assert.equal(judged.stderr, "");
    assert.equal(judged.status, 0);
});

test("a panel goes on while the program is away", async () => {
    const page = await site.page({ width: 1280, height: 800 }, { serviceWorkers: "block" });
    await page.clock.install();
    await page.goto(`${site.url}/rooms/room-2`);
    await sees(page, "Hiring committee");
    const clock = await page.locator("#clock").textContent();
    await page.context().setOffline(true);
    // What was asked for before may still be answered: then the panel was well until that minute.
    await until("the panel to notice", async () => {
        await page.clock.fastForward("02:00");
        const noticed = page.locator("#notice").getByText("No connection since").waitFor({ timeout: 4000 });
        return noticed.then(() => true, () => false);
    });
    assert.notEqual(await page.locator("#clock").textContent(), clock);
    assert.equal(await page.locator("#state").textContent(), "Busy");
    // Hours later nobody knows whether the room is taken, and the day goes on.
    await page.clock.fastForward("02:00:00");
    await says(page, "Unknown");
    await sees(page, "Board dinner, preparations");
    assert.equal(await page.locator("#next").getByText("Hiring committee").count(), 0);
    await picture(page, "panel-offline");
    await page.context().close();
});

test("a panel outlives what others say in our place", async () => {
    const page = await site.page({ width: 1280, height: 800 }, { serviceWorkers: "block" });
    await page.clock.install();
    await page.goto(`${site.url}/rooms/room-2`);
    await sees(page, "Hiring committee");
    const others = ["<p>Sign in to the guest network</p>", "", "null", "{}"];
    let said = 0;
    await page.route("**/panel.json*", (route) => {
        said += 1;
        return route.fulfill({ status: 200, contentType: "text/html", body: others[said % others.length] });
    });
    for (const minute of others.keys()) {
        await page.clock.fastForward("01:00");
        await until("the panel to ask again", async () => said > minute);
    }
    await sees(page, "No connection since");
    assert.equal(await page.locator("#state").textContent(), "Busy");
    await page.unroute("**/panel.json*");
    await page.clock.fastForward("01:00");
    await until("the panel to be well", async () => await page.locator("#notice").textContent() === "");
    await sees(page, "Hiring committee");
    await page.context().close();
});

test("hours stand where they are on a day when the clocks change", async () => {
    const page = await site.page({ width: 1280, height: 800 }, { serviceWorkers: "block" });
    // Berlin's days of 24, 23 and 25 hours, and Havana's, whose midnight comes twice.
    for (const [midnight, offset, change, hours, expected] of [
        ["2026-07-01T00:00+02:00", 120, 0, 24, 50],
        ["2026-03-29T00:00+01:00", 60, 60, 23, 100 * 11 / 23],
        ["2026-10-25T00:00+02:00", 120, -60, 25, 100 * 13 / 25],
        ["2026-11-01T00:00-04:00", -240, -60, 25, 100 * 13 / 25],
    ]) {
        const start = Date.parse(midnight);
        // Berlin's clocks change three hours after the first midnight or two, Havana's one: all of them before noon.
        const changed = start + (offset < 0 ? 1 : hours === 25 ? 3 : 2) * 3_600_000;
        await page.route("**/panel.json*", async (route) => {
            const reply = await route.fetch();
            const told = { ...await reply.json(), now: start + 20 * 3_600_000, offsets: [[start - 86_400_000, offset], [changed, offset + change]] };
            return route.fulfill({ response: reply, json: { ...told, true_as_of: told.now, meetings: [], spells: [] } });
        });
        await page.goto(`${site.url}/rooms/room-2`);
        await until("the hours", async () => await page.locator("#bar .hour").count() === 7);
        const places = await page.locator("#bar .hour").evaluateAll((all) => all.map((one) => [one.textContent, parseFloat(one.style.left)]));
        const noon = places.find(([hour]) => hour === "12")[1];
        assert.ok(Math.abs(noon - expected) < 0.01, `${midnight}: ${noon}`);
        assert.equal(await page.locator("#clock").textContent(), new Date(start + 20 * 3_600_000 + (offset + change) * 60_000).toISOString().slice(11, 16));
        const mark = await page.locator("#bar .mark").evaluate((one) => parseFloat(one.style.left));
        assert.ok(Math.abs(mark - 100 * 20 / hours) < 0.1, `${midnight}: ${mark}`);
        await page.unrouteAll({ behavior: "wait" });
        // What is kept would be drawn before the next day is told.
        await page.evaluate(() => localStorage.clear());
    }
    await page.context().close();
});

test("a panel that was loaded again says nothing of its connection before it has asked", async () => {
    const page = await site.page({ width: 1280, height: 800 }, { serviceWorkers: "block" });
    await page.clock.install();
    await page.goto(`${site.url}/rooms/room-2`);
    await sees(page, "Hiring committee");
    // By the tablet's own clock what it keeps is five minutes old.
    await page.clock.fastForward("05:00");
    let fail;
    await page.route("**/panel.json*", (route) => { fail = () => route.abort("connectionrefused"); });
    await page.reload();
    await sees(page, "Hiring committee");
    await until("the panel to ask", async () => fail !== undefined);
    assert.equal(await page.locator("#notice").textContent(), "");
    await fail();
    await sees(page, "No connection since");
    await page.context().close();
});

test("a tablet that restarts while the program is away shows the day it knew, and comes back with it", async () => {
    const page = await site.page();
    await page.clock.install();
    await page.goto(`${site.url}/rooms/room-2`);
    await sees(page, "Hiring committee");
    // What keeps the page has it when it is in charge of it.
    await until("the panel to be kept", () => page.evaluate(async () => {
        const kept = await caches.match(location.href);
        return navigator.serviceWorker.controller !== null && kept !== undefined;
    }));
    await site.down();
    await page.reload();
    await sees(page, "Hiring committee");
    assert.equal(await page.locator("#state").textContent(), "Busy");
    await page.clock.fastForward("03:00");
    await sees(page, "No connection since");
    await page.clock.fastForward("04:00:00");
    await says(page, "Unknown");
    await page.reload();
    await says(page, "Unknown");
    await site.up();
    await page.clock.fastForward("02:00");
    await says(page, "Busy");
    assert.equal(await page.locator("#notice").textContent(), "");
    await page.context().close();
});

test("nothing was asked for beyond loopback, and nothing went wrong", async () => {
    const elsewhere = site.asked.filter((url) => !url.startsWith(`${site.url}/`) && !url.startsWith("data:"));
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(site.faults, []);
    assert.ok(site.asked.length > 100);
});
