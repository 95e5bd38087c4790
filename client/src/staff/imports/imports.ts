/** What the doors that take tables in say of a file (schema/http/office.yaml). */

export interface RowProblem {
  sheet: string
  row: number
  column: string
}

export interface TableReport {
  added: number
  changed: number
  unchanged: number
  refused_rows: number
  problems: (RowProblem & { sentence: string })[]
  skipped: string[]
  committed: boolean
}
