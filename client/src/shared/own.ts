/** Whether a contest is a province's own: its teams have codes of their own, not those of the divisions. */
export const ofProvince = (teams: Iterable<string>): boolean => [...teams].some((code) => !code.endsWith('0000'))
