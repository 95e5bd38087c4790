/** What a Chromium 86 core lacks and libraries use. Imported before everything else. */
const object = Object as { hasOwn?: (target: object, key: PropertyKey) => boolean }
object.hasOwn ??= (target, key) => Object.prototype.hasOwnProperty.call(target, key)

export {}
