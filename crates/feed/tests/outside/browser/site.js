"use strict";
// A site that is there: the stand-in Exchange, the real program before it, and a browser in front of both.

const { spawn, spawnSync } = require("node:child_process");
const { mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:net");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { chromium } = require("playwright-core");

const MINUTE = 60_000;
const PATIENCE = 30_000;
const USER = "svc-callboard";
const SECRET = "correct horse";
const PASSWORD = "correct horse battery staple";
const NAMES = [
    ["room-1", "Aalto, first floor", "de"],
    ["room-2", "Boardroom, ninth floor", "en"],
    ["room-3", "Curie, laboratory", "fr"],
    ["room-4", "Dürer, studio", "en"],
    ["room-5", "Escher, tower", "ja"],
    ["room-6", "Fermi, annex", "es"],
];

/** A zone in which it is ten or eleven in the morning: the day lies before whoever looks. */
function morning() {
    let east = 10 - new Date().getUTCHours();
    if (east < -12) { east += 24; }
    return east === 0 ? "Etc/GMT" : `Etc/GMT${east > 0 ? "-" : "+"}${Math.abs(east)}`;
}

function freePort() {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

/** Looks again and again until there is something to see. */
async function until(what, look) {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
        const seen = await look().catch(() => null);
        if (seen) { return seen; }
        if (Date.now() > deadline) { throw new Error(`waited in vain for ${what}`); }
        await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
}

class Site {
    static async start() {
        const site = new Site();
        site.meetings = {};
        site.folder = mkdtempSync(join(tmpdir(), "callboard-browser-"));
        site.now = Math.floor(Date.now() / MINUTE) * MINUTE;
        const rooms = ["--quiet", "--rooms", String(NAMES.length), "--user", USER, "--password", SECRET];
        site.exchange = spawn(process.env.EXCHANGE_SIM, rooms, { stdio: ["ignore", "pipe", "inherit"] });
        const lines = createInterface({ input: site.exchange.stdout })[Symbol.asyncIterator]();
        site.ews = (await lines.next()).value.trim();
        site.port = await freePort();
        site.url = `http://127.0.0.1:${site.port}`;
        writeFileSync(join(site.folder, "password"), SECRET, { mode: 0o600 });
        writeFileSync(join(site.folder, "token"), "token-of-every-room", { mode: 0o600 });
        site.configure();
        site.log = [];
        await site.up();
        return site;
    }

    /** Starts the program. */
    async up() {
        const environment = { ...process.env, CALLBOARD_CONFIG: join(this.folder, "callboard.toml") };
        this.daemon = spawn(process.env.CALLBOARD, ["--log", "info", "daemon"], { env: environment, stdio: ["ignore", "ignore", "pipe"] });
        this.daemon.stderr.on("data", (text) => this.log.push(String(text)));
        await until("the rooms to be read", async () => (await fetch(`${this.url}/readyz`)).ok);
    }

    /** Ends the program: nobody answers until it is up again. */
    async down() {
        if (!this.daemon || this.daemon.exitCode !== null) { return; }
        const gone = new Promise((resolve) => { this.daemon.once("exit", resolve); });
        this.daemon.kill("SIGTERM");
        await gone;
    }

    configure() {
        // The hash is made by the very program.
        const made = spawnSync(process.env.CALLBOARD, ["hash-password"], { input: `${PASSWORD}\n`, encoding: "utf8" });
        if (made.status !== 0) { throw new Error(made.stderr); }
        const rooms = NAMES.map(([id, name, language], index) => `
[[room]]
id = "${id}"
name = "${name}"
mailbox = "${id}@rooms.example"
exchange = "hq"
time_zone = "${morning()}"
acceptance = "auto-accept"
language = "${language}"
${index === 2 ? `
[[room.device]]
kind = "cisco-ip-phone"
url = "http://127.0.0.1:9/CGI/Execute"
username = "${USER}"
password_file = "password"
` : ""}`);
        writeFileSync(join(this.folder, "callboard.toml"), `
state_dir = "state"
[feed]
listen = "127.0.0.1:${this.port}"
public_url = "${this.url}"
token_file = "token"
[admin]
password_hash = "${made.stdout.trim()}"
[exchange.hq]
protocol = "ews"
url = "${this.ews}"
username = "${USER}"
password_file = "password"
${rooms.join("")}`);
    }

    /** Tells the stand-in Exchange what people do. */
    async tell(command, body = {}, method = "POST") {
        const reply = await fetch(new URL(`/sim/${command}`, this.ews), { method, body: JSON.stringify(body) });
        const told = await reply.json();
        if (!reply.ok) { throw new Error(`${command}: ${told.error}`); }
        return told;
    }

    /** An invitation, so many minutes from now, and as long. Its number. */
    async invite(room, subject, from, length, more = {}) {
        const start = new Date(this.now + from * MINUTE).toISOString();
        const end = new Date(this.now + (from + length) * MINUTE).toISOString();
        const told = await this.tell("meetings", { organizer: "kim", rooms: [room], subject, start, end, ...more });
        return told.meeting;
    }

    /** What the program says a room shows. */
    async shown(room) {
        const reply = await fetch(`${this.url}/api/rooms/${room}/meetings`);
        return (await reply.json()).meetings.map((meeting) => meeting.title);
    }

    async until(room, title) {
        return until(`${title} in ${room}`, async () => (await this.shown(room)).includes(title));
    }

    /** A browser, and everything that it asked for. */
    async browse() {
        this.browser = await chromium.launch({
            executablePath: process.env.CHROMIUM,
            args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        });
        this.asked = [];
        this.faults = [];
    }

    /** A page of a size; what it asks for and what goes wrong in it is written down. */
    async page(size = { width: 1280, height: 800 }, options = {}) {
        const context = await this.browser.newContext({ viewport: size, ...options });
        const page = await context.newPage();
        page.on("request", (request) => this.asked.push(request.url()));
        page.on("pageerror", (error) => this.faults.push(`${page.url()}: ${error}`));
        page.on("console", (message) => {
            if (message.type() === "error" && !/ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|status of 40[0-9]/.test(message.text())) {
                this.faults.push(`${page.url()}: ${message.text()}`);
            }
        });
        return page;
    }

    async signIn(page, then = "/") {
        await page.goto(`${this.url}/sign-in?then=${encodeURIComponent(then)}`);
        await page.getByLabel("Password or token").fill(PASSWORD);
        await Promise.all([page.waitForURL(`${this.url}${then}`), page.getByRole("button", { name: "Sign in" }).click()]);
    }

    async stop() {
        await this.browser?.close();
        await this.down();
        this.exchange?.kill();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

module.exports = { Site, until };
