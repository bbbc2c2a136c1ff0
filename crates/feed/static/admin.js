/* Keeps the administrator's pages current. Without it they work all the same: every change is a form, every view an address. */
(function () {
  'use strict';

  var base = document.body.getAttribute('data-base');
  var SOON = 400, MANY = 4000, CALM = 15000, RUNNING = 400;

  // Fetches a page and puts the parts of it that are marked in the place of those that are there.
  function renew(url, marks) {
    return fetch(url, { credentials: 'same-origin', headers: { accept: 'text/html' } }).then(function (answer) {
      if (answer.redirected && /\/sign-in/.test(answer.url)) { location.assign(answer.url); }
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (text === null) { return; }
      var fresh = new DOMParser().parseFromString(text, 'text/html');
      document.querySelectorAll(marks).forEach(function (there) {
        var come = fresh.getElementById(there.id);
        // What somebody reads or has opened stays where it is, unless it changed.
        if (come && come.innerHTML !== there.innerHTML && !there.contains(document.activeElement)) { replace(there, come); }
      });
    }).catch(function () { /* the next look tries again */ });
  }

  function replace(there, come) {
    var open = Array.prototype.map.call(there.querySelectorAll('details'), function (part) { return part.open; });
    there.replaceWith(come);
    come.querySelectorAll('details').forEach(function (part, index) { if (index in open) { part.open = open[index]; } });
  }

  function live() {
    if (!document.querySelector('[data-live]')) { return; }
    var waiting = null, looked = 0;
    function look() {
      waiting = null;
      looked = Date.now();
      if (!document.hidden) { renew(location.href, '[data-live]'); }
    }
    // Of many rooms one changes all the time.
    function soon() {
      var often = document.querySelectorAll('.rooms tbody tr').length > 20 ? MANY : SOON;
      waiting = waiting || setTimeout(look, Math.max(SOON, looked + often - Date.now()));
    }
    var source = new EventSource(base + '/api/events');
    source.addEventListener('changed', soon);
    setInterval(look, CALM);
    document.addEventListener('visibilitychange', look);
  }

  function running() {
    var answer = document.querySelector('[data-running]');
    if (!answer) { return; }
    renew(location.href, '#answer').then(function () { setTimeout(running, RUNNING); });
  }

  // Whatever is looked for is found while one types.
  function search(form) {
    var waiting = null;
    function find() {
      var address = form.action.split('#')[0] + '?' + new URLSearchParams(new FormData(form));
      history.replaceState(null, '', address);
      renew(address, form.getAttribute('data-renews'));
    }
    form.addEventListener('input', function () { clearTimeout(waiting); waiting = setTimeout(find, 150); });
    form.addEventListener('submit', function (event) { event.preventDefault(); find(); });
  }

  live();
  running();
  document.querySelectorAll('form[data-renews]').forEach(search);
}());
