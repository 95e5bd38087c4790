// Lets the practice open without a line: the page itself, and what it is made of, are kept on the device. What the server
// says (/api) never is: the book of mistakes keeps its own copy (src/practice/study/kept.ts).
const NAME = 'leitai-practice-1'
const MOST = 200

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.add('/'))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

async function keep(request, response) {
  if (!response.ok) return
  const cache = await caches.open(NAME)
  await cache.put(request, response)
  // What was made for an earlier page goes first.
  const kept = await cache.keys()
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST)).map((one) => cache.delete(one)))
}

async function page(request) {
  try {
    const response = await fetch(request)
    await keep('/', response.clone())
    return response
  } catch (error) {
    const kept = await caches.match('/')
    if (kept) return kept
    throw error
  }
}

async function asset(request) {
  const kept = await caches.match(request)
  if (kept) return kept
  const response = await fetch(request)
  await keep(request, response.clone())
  return response
}

// A reminder (server: office/practice/push). Only the practice itself is ever opened by one.
self.addEventListener('push', (event) => {
  let said = {}
  try {
    said = event.data ? event.data.json() : {}
  } catch {
    // Not ours: a browser still wants something shown.
  }
  event.waitUntil(
    self.registration.showNotification(said.title || '日日学', {
      body: said.body || '',
      tag: said.tag || 'practice',
      data: { url: said.url || '/#study' },
    }),
  )
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data.url, self.location.origin)
  if (url.origin !== self.location.origin) return
  event.waitUntil(
    self.clients.matchAll({ type: 'window' }).then((open) => {
      const there = open[0]
      return there ? there.focus().then((one) => one.navigate(url.href)) : self.clients.openWindow(url.href)
    }),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
})
