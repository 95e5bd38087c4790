/** The pages of the practice by their address (`#boards`), and which of them stand in the bar at the bottom. */
import { defineAsyncComponent, type Component } from 'vue'
import type { IconName } from '../shared/components/AppIcon.vue'
import LoadingPage from './LoadingPage.vue'
import FailedPage from './FailedPage.vue'

export interface PracticePlace {
  /** Its address after `#`; what follows a `/` is the page's own. */
  path: string
  page: Component
  /** What it is called, as a key. */
  title: string
  /** The place of the bar that it belongs to. */
  under: string
  /** With a sign it stands in the bar, under the word `tab.<path>`. */
  icon?: IconName
}

function place(
  path: string,
  title: string,
  load: () => Promise<{ default: Component }>,
  { icon, under = path }: { icon?: IconName; under?: string },
): PracticePlace {
  const page = defineAsyncComponent({
    loader: load,
    loadingComponent: LoadingPage,
    errorComponent: FailedPage,
    delay: 200,
  })
  return icon ? { path, page, title, under, icon } : { path, page, title, under }
}

/** The first is where one comes in. */
export const PLACES: PracticePlace[] = [
  place('own', 'tab.own', () => import('./OwnPage.vue'), { icon: 'flag' }),
  place('study', 'tab.study', () => import('./study/StudyPlace.vue'), { icon: 'book' }),
  place('monthly', 'monthly.title', () => import('./monthly/MonthlyPage.vue'), { under: 'study' }),
  place('match', 'match.title', () => import('./match/MatchPlace.vue'), { under: 'study' }),
  place('boards', 'tab.boards', () => import('./BoardsPage.vue'), { icon: 'chart' }),
  place('account', 'tab.account', () => import('./AccountPage.vue'), { icon: 'person' }),
]

/** The place of an address, and what follows its path there. */
export function placeOf(hash: string): { place: PracticePlace; rest: string } {
  const [path = '', ...rest] = hash.replace(/^#/, '').split('/')
  const found = PLACES.find((one) => one.path === path)
  return { place: found ?? PLACES[0]!, rest: found ? rest.join('/') : '' }
}
