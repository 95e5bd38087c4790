/** Whose contest it is that a page shows: the nation's, or a province's own. */
import { provinceName } from './provinces'

type Say = (key: string, named?: Record<string, unknown>) => string

/** Teams of a province's own have codes of their own, which begin as the province's does. */
const ownTeam = (teams: Iterable<string>) => [...teams].find((code) => !code.endsWith('0000'))

/** Whether a contest is a province's own, by its teams' codes. */
export const ofProvince = (teams: Iterable<string>): boolean => ownTeam(teams) !== undefined

/** The short name of the province whose own contest it is, by its teams' codes; empty: it is the nation's. */
export const provinceOf = (teams: Iterable<string>): string => provinceName(`${ownTeam(teams)?.slice(0, 2) ?? ''}0000`)

/** Where something holds, in a sentence: all over the nation, or in the province of that name. */
export const areaOf = (province: string, t: Say): string => (province ? t('common.inProvince', { name: province }) : t('common.nation'))
