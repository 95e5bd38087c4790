/** The template for SPX and CasparCG: global functions around the same pictures. */
import tokens from '../shared/tokens.css?inline'
import air from './air.css?inline'
import { readFields } from './fields'
import { Player } from './player'
import { DEFAULTS, settingsFrom } from './settings'

const style = document.createElement('style')
style.textContent = tokens + air
document.head.append(style)

let settings = DEFAULTS
let player: Player | null = null

function update(handed: unknown): void {
  settings = settingsFrom(readFields(handed), settings)
  player?.update(settings)
  // Without an address there is nobody to ask: a file of a playout has no server of its own.
  if (settings.server) player ??= new Player(document.getElementById('app')!, settings)
}

function play(): void {
  void player?.play()
}

function stop(): void {
  void player?.stop()
}

function next(): void {
  player?.next()
}

function remove(): void {
  player?.dispose()
  player = null
}

Object.assign(window, { update, play, stop, next, remove })
