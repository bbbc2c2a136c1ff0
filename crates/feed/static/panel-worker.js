/* Keeps the panel's page, script and style, so that a tablet that restarts while the server is away shows the day it knew.
 * Only where the page comes by https: browsers allow it nowhere else. */
'use strict';
var KEPT = 'callboard-panel-1';

self.addEventListener('install', function () { self.skipWaiting(); });
self.addEventListener('activate', function (event) { event.waitUntil(self.clients.claim()); });
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
