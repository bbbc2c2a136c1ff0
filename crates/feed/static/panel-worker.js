/* Keeps the panel's page, script and style, so that a tablet that restarts while the server is away shows the day it knew.
 * Only where the page comes by https, or from this very machine: browsers allow it nowhere else. */
'use strict';
var KEPT = 'callboard-panel-1';
var PARTS = ['../assets/panel.js', '../assets/panel.css'];

/* The panel that is open was there before this was: it is fetched once more, to be kept. */
function keepWhatIsOpen() {
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(function (open) {
    var panels = open.map(function (panel) { return panel.url; }).filter(function (url) {
      return url.indexOf(self.registration.scope) === 0;
    });
    var urls = panels.concat(PARTS.map(function (part) { return new URL(part, self.location.href).href; }));
    return caches.open(KEPT).then(function (cache) {
      return Promise.all(urls.map(function (url) {
        return cache.add(url)['catch'](function () { /* the next time it is asked for */ });
      }));
    });
  });
}

self.addEventListener('install', function () { self.skipWaiting(); });
self.addEventListener('activate', function (event) {
  event.waitUntil(Promise.all([self.clients.claim(), keepWhatIsOpen()]));
});
self.addEventListener('fetch', function (event) {
  var url = new URL(event.request.url);
  var isPage = event.request.mode === 'navigate' || /\/assets\/panel\.(js|css)$/.test(url.pathname);
  if (event.request.method !== 'GET' || !isPage) { return; }
  event.respondWith(fetch(event.request).then(function (answer) {
    if (answer.ok) {
      var copy = answer.clone();
      caches.open(KEPT).then(function (cache) { cache.put(event.request, copy); });
    }
    return answer;
  }, function () { return caches.match(event.request); }));
});
