/* A room's door panel. ES5 without any library: tablets beside doors have old browsers.
 *
 * The server hands over a few days at once, with its own corrected time and the room's offsets from UTC; from then on this
 * page knows by itself what is now and what is next, also while the server is away. It asks for news each minute, and at
 * once when an event says that something has changed. */
(function () {
  'use strict';

  var MINUTE = 60000, HOUR = 3600000, DAY = 86400000;
  var ASK_EVERY = MINUTE, OFFLINE_AFTER = 100000, ANSWER_WITHIN = 10000;
  var body = document.body;
  var urls = { state: body.getAttribute('data-state'), events: body.getAttribute('data-events') };
  var kept = 'callboard 3 ' + body.getAttribute('data-room'); // the number: what it holds, and in which words
  var data = null;      // what the server said last
  var ahead = 0;        // how far the server's clock is ahead of this tablet's, in milliseconds
  var heardAt = 0;      // when that was, by the server's clock
  var failed = false;   // whether the last question was not answered; none is before the first is over
  var refused = false;  // whether it does not know this room any more
  var asking = false, askAgain = false, drawn = '';

  function by(id) { return document.getElementById(id); }

  function now() { return Date.now() + ahead; }

  // The wall clock of the room at an instant, as a Date that is read in UTC.
  function wall(instant) {
    var offset = data.offsets[0][1], i;
    for (i = 0; i < data.offsets.length && data.offsets[i][0] <= instant; i++) { offset = data.offsets[i][1]; }
    return new Date(instant + offset * MINUTE);
  }

  // How long a day has lasted by the room's wall clock.
  function sinceMidnight(instant) {
    return wall(instant).getTime() % DAY;
  }

  // A day on which the clocks change has 23 hours or 25: the first step lands an hour beside midnight.
  function midnightBefore(instant) {
    var near = instant - sinceMidnight(instant), beside = sinceMidnight(near);
    near -= beside > DAY / 2 ? beside - DAY : beside;
    return sinceMidnight(near - HOUR) < HOUR ? near - HOUR : near;
  }

  // When it is so many hours on the room's walls, of the day that began at an instant.
  function onWalls(today, hours) {
    var near = today + hours * HOUR;
    return near + hours * HOUR - sinceMidnight(near);
  }

  function two(number) { return (number < 10 ? '0' : '') + number; }

  function filled(pattern, places) {
    return pattern.replace(/\{(\w+)\}/g, function (place, name) { return places.hasOwnProperty(name) ? places[name] : place; });
  }

  function time(instant) {
    var at = wall(instant), hours = at.getUTCHours();
    return filled(data.language.time, {
      HH: two(hours), H: hours, h: hours % 12 || 12, mm: two(at.getUTCMinutes()), ampm: hours < 12 ? 'AM' : 'PM'
    });
  }

  function endTime(instant) {
    var at = wall(instant);
    return at.getUTCHours() + at.getUTCMinutes() === 0 ? data.language.midnight : time(instant);
  }

  function date(instant) {
    var at = wall(instant);
    return filled(data.language.date, {
      weekday: data.language.weekdays[(at.getUTCDay() + 6) % 7], day: at.getUTCDate(),
      month: data.language.months[at.getUTCMonth()], year: at.getUTCFullYear()
    });
  }

  // Nothing is known of a calendar that was not read lately, nor of a room that nobody looks after.
  function isKnown(instant) {
    return !refused && data.true_as_of !== null && instant - data.true_as_of < data.stale_after;
  }

  // Whether the room is taken, and until when: rule E.
  function occupancy(instant) {
    if (!isKnown(instant)) { return { state: 'unknown', until: null }; }
    var state = taken(instant), edges = [], i;
    for (i = 0; i < data.spells.length; i++) { edges.push(data.spells[i].start, data.spells[i].end); }
    edges.sort(function (a, b) { return a - b; });
    for (i = 0; i < edges.length; i++) {
      if (edges[i] > instant && taken(edges[i]) !== state) { return { state: state, until: edges[i] }; }
    }
    return { state: state, until: null };
  }

  function taken(instant) {
    var state = 'free', i, spell;
    for (i = 0; i < data.spells.length; i++) {
      spell = data.spells[i];
      if (spell.start <= instant && instant < spell.end && state !== 'busy') { state = spell.held ? 'held' : 'busy'; }
    }
    return state;
  }

  function meetings(from, to) {
    return data.meetings.filter(function (meeting) {
      return meeting.start < to && (meeting.end > from || (meeting.start === meeting.end && meeting.start >= from));
    });
  }

  function element(tag, kind, text) {
    var made = document.createElement(tag);
    if (kind) { made.className = kind; }
    if (text) { made.appendChild(document.createTextNode(text)); }
    return made;
  }

  function hours(meeting) {
    return meeting.all_day ? data.language.words.all_day : time(meeting.start) + '–' + endTime(meeting.end);
  }

  function title(meeting) {
    if (meeting.unnamed) { return data.language.words.held; }
    return meeting.private ? data.language.words.private : meeting.title;
  }

  function row(meeting) {
    var made = element('li', meeting.tentative || meeting.unnamed ? 'tentative' : '');
    var words = title(meeting) + (meeting.tentative ? ' (' + data.language.words.tentative + ')' : '');
    made.appendChild(element('span', 'hours', hours(meeting)));
    made.appendChild(element('bdi', 'title', words));
    if (meeting.organizer) { made.appendChild(element('bdi', 'organizer', meeting.organizer)); }
    return made;
  }

  function put(id, text) {
    var into = by(id);
    if (into.textContent !== text) { into.textContent = text; }
  }

  function list(id, rows, empty) {
    var into = by(id), i;
    while (into.firstChild) { into.removeChild(into.firstChild); }
    for (i = 0; i < rows.length; i++) { into.appendChild(row(rows[i])); }
    if (!rows.length && empty) { into.appendChild(element('li', 'none', empty)); }
  }

  // Takes off what there is no room for, row by row, and says how many those are: half a row says nothing.
  function fit(id) {
    var into = by(id), part = into.parentNode, main = part.parentNode, off = 0;
    function isTooTall() { return part.scrollHeight > part.clientHeight || main.scrollHeight > main.clientHeight; }
    while (isTooTall() && into.childNodes.length > 1 + (off ? 1 : 0)) {
      if (off) { into.removeChild(into.lastChild); }
      into.removeChild(into.lastChild);
      off += 1;
      into.appendChild(element('li', 'none', filled(data.language.words.more, { number: off })));
    }
  }

  function notice(instant) {
    var words = data.language.words;
    if (refused) { return words.gone; }
    if (failed && instant - heardAt >= OFFLINE_AFTER) {
      return filled(isKnown(instant) ? words.offline : words.lost, { time: time(heardAt) });
    }
    if (data.true_as_of === null) { return words.unread; }
    if (!isKnown(instant)) { return filled(words.stale, { time: time(data.true_as_of) }); }
    if (data.clock_degraded) { return words.clock_wrong; }
    return '';
  }

  function untilWords(until, midnight) {
    if (until === null || until >= midnight) { return data.language.words.today; }
    return filled(data.language.words.until, { time: endTime(until) });
  }

  function bar(today, midnight, instant) {
    var into = by('bar'), length = midnight - today, rows = meetings(today, midnight), i, block, from, to;
    while (into.firstChild) { into.removeChild(into.firstChild); }
    for (i = 0; i < rows.length; i++) {
      from = Math.max(rows[i].start, today);
      to = Math.min(rows[i].end, midnight);
      block = element('i', rows[i].tentative || rows[i].unnamed ? 'block held' : 'block');
      block.style.left = 100 * (from - today) / length + '%';
      block.style.width = Math.max(0.2, 100 * (to - from) / length) + '%';
      into.appendChild(block);
    }
    for (i = 3; i < 24; i += 3) {
      block = element('span', 'hour', String(i));
      block.style.left = 100 * (onWalls(today, i) - today) / length + '%';
      into.appendChild(block);
    }
    block = element('b', 'mark');
    block.style.left = 100 * (instant - today) / length + '%';
    into.appendChild(block);
    into.setAttribute('aria-label', data.language.words.day + ': ' + (rows.map(function (meeting) {
      return hours(meeting) + ' ' + title(meeting);
    }).join(', ') || (isKnown(instant) ? data.language.words.nothing_next : data.language.words.unknown)));
  }

  function draw() {
    if (!data) { return; }
    var instant = now(), today = midnightBefore(instant), midnight = midnightBefore(today + DAY + DAY / 8);
    var room = occupancy(instant), words = data.language.words, said = notice(instant), known = room.state !== 'unknown';
    var running = meetings(instant, instant + 1), next = meetings(instant + 1, midnight).filter(function (meeting) {
      return meeting.start > instant;
    });
    put('clock', time(instant));
    var what = JSON.stringify([
      data.rev, data.now, room, said, running.length, next.length, Math.floor(instant / MINUTE), window.innerWidth, window.innerHeight
    ]);
    if (what === drawn) { return; }
    drawn = what;
    body.className = 'is-' + room.state + (said ? ' has-notice' : '') + theme();
    put('room', data.room);
    put('date', date(instant));
    put('state', words[room.state]);
    put('until', known ? untilWords(room.until, midnight) : '');
    put('notice', said);
    // What nobody knows to be so is told as what was known, and never as what is.
    put('now-title', words.now);
    put('next-title', known ? words.next : words.last_known);
    list('now', known ? running : [], '');
    list('next', known ? next : running.concat(next), known ? words.nothing_next : '');
    by('now-part').className = known && running.length ? 'part' : 'part is-empty';
    by('next-part').className = by('next').firstChild ? 'part' : 'part is-empty';
    fit('next');
    fit('now');
    bar(today, midnight, instant);
    put('spoken', data.room + ': ' + words[room.state] + ' ' + by('until').textContent + '. ' + said);
    document.title = data.room + ' · ' + words[room.state];
  }

  function theme() {
    var chosen = /[?&]theme=(light|dark)/.exec(location.search);
    return chosen ? ' ' + chosen[1] : '';
  }

  function take(text) {
    // All of it or nothing: what a proxy says in our place throws before anything has changed.
    var said = JSON.parse(text), tag = said.language.tag;
    data = said;
    ahead = data.now - Date.now();
    heardAt = data.now;
    failed = refused = false;
    document.documentElement.lang = tag;
    try { localStorage.setItem(kept, text); } catch (full) { /* then a reload waits for the server */ }
    draw();
  }

  function ask() {
    if (asking) { askAgain = true; return; }
    asking = true;
    var request = new XMLHttpRequest();
    function done(well) {
      if (!asking) { return; }
      asking = false;
      failed = !well;
      draw();
      if (askAgain) { askAgain = false; ask(); }
    }
    request.open('GET', urls.state + location.search, true);
    request.timeout = ANSWER_WITHIN;
    request.onload = function () {
      refused = request.status === 401 || request.status === 403 || request.status === 404;
      var well = refused;
      if (request.status === 200) {
        try { take(request.responseText); well = true; } catch (other) { /* as good as no answer */ }
      }
      done(well);
    };
    request.onerror = request.ontimeout = request.onabort = function () { done(false); };
    request.send();
  }

  function listen() {
    if (!window.EventSource) { return; }
    var source = new EventSource(urls.events + location.search);
    source.addEventListener('changed', ask);
    source.addEventListener('reset', ask);
    source.onerror = function () {
      // A browser comes back by itself, unless it was refused.
      if (source.readyState === 2) { setTimeout(listen, 10000); }
    };
  }

  try {
    var before = localStorage.getItem(kept);
    if (before) {
      // What was true when the tablet was last up; its own clock has to do until the server answers.
      data = JSON.parse(before);
      heardAt = data.now;
      document.documentElement.lang = data.language.tag;
    }
  } catch (nothing) { data = null; }
  if (navigator.serviceWorker) {
    navigator.serviceWorker.register(body.getAttribute('data-worker'))['catch'](function () { /* then a reload needs the server */ });
  }
  draw();
  ask();
  listen();
  setInterval(ask, ASK_EVERY);
  setInterval(draw, 500);
}());
