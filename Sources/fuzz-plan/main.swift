import OrchDomain
import OrchFiles
import OrchMarkdown
import OrchPlan
import OrchRandom

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

// Feeds mutated plans to the reader, the linker and the status writer until its time is over. The input at work is on
// disk while it is at work, so that a crash or a hang leaves its reproduction behind. `scripts/fuzz` starts it.

/// Pieces that plans are made of, good ones and bad ones.
let pieces: [String] = [
  "---\n", "status: not_started\n", "status:\n", "status: \"in progress\" # x\n", "depends_on: [a/E01, 2, \"03\"]\n",
  "depends_on:\n  - b/E02\n", "touches: ['src/**', '[a-z]*']\n", "priority: high\n", "epic: 5\n", "title: [\n", "&a ",
  "*a ",
  "{a: {b: {c: ", "- - - - ", "!!int ", "|\n  text\n", ">-\n", "\u{FEFF}", "\r\n", "\t", "\u{0}", "# Title\n",
  "Title\n===\n",
  "## Acceptance Criteria\n", "- [ ] works\n", "- [x] done\n", "```bash run\n", "```\n", "~~~\n",
  "| a | b |\n|---|---|\n",
  "| [E01](docs/plans/a/epic-01-x.md) | 🔴 |\n", "🟢", "> > > ", "![[](", "<!--", "<div>\n", "\\|", "`|`", "ü",
]

func mutate(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
  var result = bytes
  for _ in 0..<Int.random(in: 1...8, using: &random) {
    let place = Int.random(in: 0...result.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0 where !result.isEmpty: result[min(place, result.count - 1)] = UInt8.random(in: .min ... .max, using: &random)
    case 1: result.removeSubrange(place..<min(result.count, place + Int.random(in: 1...40, using: &random)))
    case 2: result.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
    case 3: result.removeSubrange(place...)
    case 4:
      let part = Array(result[place..<min(result.count, place + 60)])
      result.insert(contentsOf: part, at: Int.random(in: 0...result.count, using: &random))
    default:
      let piece = Array((pieces.randomElement(using: &random) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...50, using: &random) { result.insert(contentsOf: piece, at: place) }
    }
  }
  return Array(result.prefix(64 << 10))
}

/// What must hold for any bytes at all; traps otherwise.
func exercise(_ bytes: [UInt8]) {
  let unit = PlanReader.read(PlanSource(path: "docs/plans/a/epic-01-x.md", bytes: bytes), root: "docs/plans")
  precondition(unit.task != nil || !unit.diagnostics.isEmpty, "neither a task nor a diagnostic")
  precondition(PlanUnit(encoded: unit.encoded()) == unit, "the encoding loses something")
  let other = PlanReader.read(PlanSource(path: "docs/plans/b/any.md", bytes: bytes), root: "docs/plans")
  _ = PlanCompiler.link([unit, other])
  _ = PlanUnit(encoded: bytes)
  for status in TaskStatus.allCases {
    if case .success(let edits) = Result(catching: { try StatusEdit.plan(bytes, to: status) }) {
      precondition(bytes.applying(edits) != nil, "status edits overlap")
    }
    let statuses = [(id: TaskID(module: "a", number: 1), path: "docs/plans/a/epic-01-x.md", status: status)]
    if case .success(let edits) = Result(catching: {
      try StatusEdit.overview(bytes, readmePath: "README.md", statuses: statuses)
    }) {
      precondition(bytes.applying(edits) != nil, "overview edits overlap")
    }
  }
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let seconds = Int(arguments[1]), let seed = UInt64(arguments[2]) else {
  print("usage: fuzz-plan SECONDS SEED FILE-FOR-THE-INPUT-AT-WORK")
  exit(64)
}
var random = SplitMix64(seed: seed)
var corpus: [[UInt8]] = [Array(pieces.joined().utf8), Array("---\nstatus: done\n---\n# T\n\nText.\n".utf8), []]
let end = time(nil) + seconds
var runs = 0
while time(nil) < end {
  let input = mutate(corpus.randomElement(using: &random) ?? [], &random)
  try AtomicFile.write(arguments[3], input, overwriting: true)
  // A hang is a finding: the alarm ends the program with its input on disk.
  alarm(20)
  exercise(input)
  alarm(0)
  runs += 1
  if corpus.count < 500 { corpus.append(input) } else { corpus[Int.random(in: 3..<500, using: &random)] = input }
}
print("\(runs) inputs without a finding (seed \(seed))")
