/** What one of two texts has that the other has not. */
export interface Piece {
  text: string
  differs: boolean
}

const LONGEST = 400

/** A text in stretches, by the longest run of characters that both have in order. Long texts are shown as they are. */
export function pieces(text: string, other: string): Piece[] {
  const one = Array.from(text)
  const two = Array.from(other)
  if (one.length > LONGEST || two.length > LONGEST) return [{ text, differs: false }]
  const width = two.length + 1
  // common[i][j]: the longest common subsequence of what follows i and j.
  const common = new Uint16Array((one.length + 1) * width)
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = two.length - 1; j >= 0; j--) {
      common[i * width + j] =
        one[i] === two[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
    }
  }
  const found: Piece[] = []
  const add = (char: string, differs: boolean) => {
    const last = found[found.length - 1]
    if (last?.differs === differs) last.text += char
    else found.push({ text: char, differs })
  }
  let j = 0
  for (let i = 0; i < one.length; i++) {
    while (one[i] !== two[j] && j < two.length && common[i * width + j + 1]! > common[(i + 1) * width + j]!) j++
    const same = one[i] === two[j] && j < two.length
    add(one[i]!, !same)
    if (same) j++
  }
  return found
}
