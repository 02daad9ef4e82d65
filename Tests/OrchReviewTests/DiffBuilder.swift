import OrchDomain
import OrchReview

/// A diff of one file from lines that begin with `+`, `-` or a space.
func diff(
  _ path: String, _ lines: [String], kind: FileDiff.Kind = .modified, from old: String? = nil, mode: UInt32 = 0o100644,
  oldMode: UInt32? = 0o100644
) -> FileDiff {
  var number = 0
  let parsed = lines.map { line -> FileDiff.Line in
    let text = String(line.unicodeScalars.dropFirst().map(Character.init))
    switch line.unicodeScalars.first {
    case "-": return FileDiff.Line(.removed, newLine: nil, text)
    case "+":
      number += 1
      return FileDiff.Line(.added, newLine: number, text)
    default:
      number += 1
      return FileDiff.Line(.context, newLine: number, text)
    }
  }
  let hunks = lines.isEmpty ? [] : [FileDiff.Hunk(oldStart: 1, newStart: 1, lines: parsed)]
  return FileDiff(
    kind: kind, path: path, oldPath: old, newMode: mode, hunks: hunks, oldMode: kind == .added ? nil : oldMode)
}

func judge(_ files: FileDiff..., policy: ReviewPolicy = ReviewPolicy(planPath: "docs/plans/a/epic-01-x.md")) -> Verdict
{
  VerdictEngine.judge(files: files, policy: policy)
}

/// The verdict on one added line of a source file.
func judge(line: String, in path: String = "src/format.go") -> Verdict { judge(diff(path, ["+" + line])) }

func rules(_ verdict: Verdict) -> Set<String> { Set(verdict.evidence.map(\.rule)) }
