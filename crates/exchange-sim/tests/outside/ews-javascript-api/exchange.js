"use strict";
// The stand-in Exchange, started once, and told what to do by its commands.

const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const {
    DateTime,
    ExchangeService,
    ExchangeVersion,
    FolderId,
    Mailbox,
    Uri,
    WebCredentials,
    WellKnownFolderName,
} = require("ews-javascript-api");

// What an appliance of our rooms is set up with: the copy says what the organizer wrote, at once.
const PRESERVING = {
    DeleteSubject: false,
    AddOrganizerToSubject: false,
    DeleteComments: false,
    RemovePrivateProperty: false,
    DelayMs: 0,
};
const HOUR = 3_600_000;
const NOON = Math.floor(Date.now() / HOUR) * HOUR;

/** The instant so many hours from the full hour. */
const hour = (hours) => new Date(NOON + hours * HOUR);
const ews = (instant) => new DateTime(instant.getTime());

/** One running `exchange-sim`. */
class Simulator {
    static async start() {
        const simulator = new Simulator();
        const options = { stdio: ["ignore", "pipe", "inherit"] };
        simulator.process = spawn(process.env.EXCHANGE_SIM, ["--quiet", "--rooms", "1"], options);
        const lines = createInterface({ input: simulator.process.stdout })[Symbol.asyncIterator]();
        simulator.ewsUrl = (await lines.next()).value;
        simulator.base = simulator.ewsUrl.replace("/EWS/Exchange.asmx", "");
        simulator.rooms = 0;
        return simulator;
    }

    stop() {
        this.process.kill();
    }

    async tell(command, body = {}, method = "POST") {
        const reply = await fetch(`${this.base}/sim/${command}`, { method, body: JSON.stringify(body) });
        const told = await reply.json();
        if (!reply.ok) {
            throw new Error(`${command}: ${told.error}`);
        }
        return told;
    }

    /** A new room with an alias of its own. */
    async room() {
        this.rooms += 1;
        const alias = `outside-${this.rooms}`;
        await this.tell("rooms", { alias, processing: PRESERVING });
        return alias;
    }

    /** A meeting of an hour that begins so many hours from the full hour, by its number. */
    async meeting(room, subject, hours = 1, more = {}) {
        const [start, end] = [hour(hours), hour(hours + 1)];
        const told = await this.tell("meetings", { organizer: "kim", rooms: [room], subject, start, end, ...more });
        return told.meeting;
    }

    service(password = "secret") {
        const service = new ExchangeService(ExchangeVersion.Exchange2013_SP1);
        service.Url = new Uri(this.ewsUrl);
        service.Credentials = new WebCredentials("svc", password);
        return service;
    }
}

const calendar = (room) => new FolderId(WellKnownFolderName.Calendar, new Mailbox(`${room}@rooms.example`));

module.exports = { Simulator, calendar, ews, hour };
