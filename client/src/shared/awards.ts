/** Awards, by the names that lists give them. */
export const KINDS = ['knowledge', 'star', 'team_grand', 'team_first', 'team_second', 'team_third'] as const
export type Kind = (typeof KINDS)[number]

/** Whether it is one of the plan's, and no prize of a province's own contest. */
export const ofPlan = (award: string): award is Kind => (KINDS as readonly string[]).includes(award)

/** An award in the reader's words: `said` has the plan's; a province's own prizes are called as in its table. */
export function sayAward(award: string, said: (one: Kind) => string): string {
  return ofPlan(award) ? said(award) : award
}
