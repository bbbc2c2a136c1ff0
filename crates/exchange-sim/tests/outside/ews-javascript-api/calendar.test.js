"use strict";

const assert = require("node:assert/strict");
const { after, before, beforeEach, test } = require("node:test");
const {
    Appointment,
    AppointmentType,
    BasePropertySet,
    CalendarFolder,
    CalendarView,
    ChangeType,
    ConnectingIdType,
    EventType,
    ImpersonatedUserId,
    ItemEvent,
    MeetingResponseType,
    PropertySet,
    ServiceError,
    StreamingSubscriptionConnection,
    SyncFolderItemsScope,
} = require("ews-javascript-api");

const { Simulator, calendar, ews, hour } = require("./exchange.js");

let simulator;
let service;
let room;

before(async () => {
    simulator = await Simulator.start();
    service = simulator.service();
});
after(() => simulator.stop());
beforeEach(async () => {
    room = await simulator.room();
});

const view = async (first = -24, last = 24 * 40) => {
    const found = await service.FindAppointments(calendar(room), new CalendarView(ews(hour(first)), ews(hour(last))));
    return found.Items;
};
const milliseconds = (dateTime) => dateTime.TotalMilliSeconds;

test("a view unfolds series in order", async () => {
    await simulator.meeting(room, "Daily", 2, { repeats: "daily", times: 3 });
    await simulator.meeting(room, "Single", 1);
    const items = await view();
    assert.deepEqual(items.map((item) => item.Subject), ["Single", "Daily", "Daily", "Daily"]);
    const { Single, Occurrence } = AppointmentType;
    assert.deepEqual(items.map((item) => item.AppointmentType), [Single, Occurrence, Occurrence, Occurrence]);
    assert.deepEqual(items.map((item) => milliseconds(item.Start)), [1, 2, 26, 50].map((hours) => hour(hours).getTime()));
});

test("an item says what it is", async () => {
    await simulator.meeting(room, "Review & <more>", 1, { body: "line", sensitivity: "Private" });
    const [found] = await view();
    const item = await Appointment.Bind(service, found.Id, new PropertySet(BasePropertySet.FirstClassProperties));
    assert.equal(item.Subject, "Review & <more>");
    assert.match(item.Body.Text, /line/);
    assert.equal(item.Organizer.Address, "kim@people.example");
    assert.equal(item.MyResponseType, MeetingResponseType.Accept);
    assert.equal(item.ICalUid.slice(0, 32), "040000008200E00074C5B7101A82E008");
    assert.equal(item.Duration.TotalMinutes, 60);
});

test("a series knows its exceptions", async () => {
    const series = await simulator.meeting(room, "Daily", 1, { repeats: "daily", times: 4 });
    const on = (day) => hour(1 + 24 * day).toISOString().slice(0, 10);
    await simulator.tell(`meetings/${series}/move`, { occurrence: on(1), start: hour(30), end: hour(31) });
    await simulator.tell(`meetings/${series}/delete`, { occurrence: on(2), room });
    const items = await view();
    const master = await Appointment.BindToRecurringMaster(service, items[0].Id);
    const { Occurrence, Exception } = AppointmentType;
    assert.deepEqual(items.map((item) => item.AppointmentType), [Occurrence, Exception, Occurrence]);
    assert.equal(master.AppointmentType, AppointmentType.RecurringMaster);
    assert.equal(Number(master.Recurrence.Interval), 1);
    assert.equal(Number(master.Recurrence.NumberOfOccurrences), 4);
    assert.equal(milliseconds(master.ModifiedOccurrences._getItem(0).OriginalStart), hour(25).getTime());
    assert.equal(milliseconds(master.DeletedOccurrences._getItem(0).OriginalStart), hour(49).getTime());
    const last = await Appointment.BindToOccurrence(service, master.Id, 4);
    assert.equal(milliseconds(last.Start), hour(73).getTime());
});

test("a sync tells all, then what changed", async () => {
    let state = null;
    const sync = async () => {
        const changes = await service.SyncFolderItems(
            calendar(room),
            PropertySet.IdOnly,
            null,
            512,
            SyncFolderItemsScope.NormalItems,
            state,
        );
        state = changes.SyncState;
        assert.equal(changes.MoreChangesAvailable, false);
        return Array.from({ length: changes.Count }, (_, index) => changes._getItem(index).ChangeType);
    };
    const one = await simulator.meeting(room, "One");
    assert.deepEqual(await sync(), [ChangeType.Create]);
    assert.deepEqual(await sync(), []);
    await simulator.tell(`meetings/${one}/rename`, { subject: "Uno" });
    assert.deepEqual(await sync(), [ChangeType.Update]);
    await simulator.tell(`meetings/${one}/delete`, { room });
    assert.deepEqual(await sync(), [ChangeType.Delete]);
});

test("a subscriber hears of changes", async () => {
    const meeting = await simulator.meeting(room, "One");
    const [item] = await view();
    const kinds = [EventType.Created, EventType.Modified, EventType.Deleted];
    const subscription = await service.SubscribeToPullNotifications([calendar(room)], 10, null, ...kinds);
    assert.equal((await subscription.GetEvents()).AllEvents.length, 0);
    await simulator.tell(`meetings/${meeting}/rename`, { subject: "Uno" });
    const changed = (await subscription.GetEvents()).AllEvents.filter((event) => event instanceof ItemEvent);
    assert.ok(changed.length > 0);
    for (const event of changed) {
        assert.deepEqual([event.EventType, event.ItemId.UniqueId], [EventType.Modified, item.Id.UniqueId]);
    }
    await subscription.Unsubscribe();
    await assert.rejects(subscription.GetEvents(), { ErrorCode: ServiceError.ErrorSubscriptionNotFound });
});

test("a stream tells of changes as they happen", async () => {
    const meeting = await simulator.meeting(room, "One");
    const [item] = await view();
    const subscription = await service.SubscribeToStreamingNotifications([calendar(room)], EventType.Modified);
    const connection = new StreamingSubscriptionConnection(service, 1);
    connection.AddSubscription(subscription);
    const told = new Promise((resolve, reject) => {
        connection.OnNotificationEvent.push((_, { Events }) => resolve(Events.filter((event) => event instanceof ItemEvent)));
        connection.OnSubscriptionError.push((_, { Exception }) => reject(Exception));
    });
    // It is settled only when the connection ends.
    connection.Open().catch(() => {});
    // It reads one envelope of those that arrive together, so there must be a later one.
    const again = setInterval(() => simulator.tell(`meetings/${meeting}/rename`, { subject: "Uno" }), 50);
    const events = await told.finally(() => clearInterval(again));
    assert.deepEqual([...new Set(events.map((event) => event.ItemId.UniqueId))], [item.Id.UniqueId]);
    connection.Close();
    await subscription.Unsubscribe();
});

test("an impersonator is the room, and nobody else", async () => {
    await simulator.meeting(room, "Seen");
    const impersonator = simulator.service();
    const find = async (who) => {
        impersonator.ImpersonatedUserId = new ImpersonatedUserId(ConnectingIdType.SmtpAddress, `${who}@rooms.example`);
        return impersonator.FindAppointments(calendar(room), new CalendarView(ews(hour(-1)), ews(hour(9))));
    };
    assert.equal((await find(room)).Items[0].Subject, "Seen");
    await assert.rejects(find("room-1"), { ErrorCode: ServiceError.ErrorAccessDenied });
    await assert.rejects(find("nowhere"), { ResponseCode: ServiceError.ErrorNonExistentMailbox });
});
