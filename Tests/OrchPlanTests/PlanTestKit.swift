import Foundation
import OrchDiagnostics
import OrchDomain
import OrchPlan
import Testing

/// Compares text with a file kept next to the tests.
///
/// Run with `ORCH_UPDATE_GOLDENS=1` to write the files. That run fails on purpose, so that it can never be the run that
/// goes green; review the difference and run again.
func expectGolden(
  _ actual: String, _ name: String, testFile: String = #filePath,
  at place: Testing.SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: testFile).deletingLastPathComponent().appending(path: "Goldens/\(name)")
  if ProcessInfo.processInfo.environment["ORCH_UPDATE_GOLDENS"] == "1" {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(actual.utf8).write(to: file)
    Issue.record("wrote Goldens/\(name)", sourceLocation: place)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  #expect(actual == expected, "differs from Goldens/\(name)", sourceLocation: place)
}

/// The files of a project in memory.
struct ScratchPlans {
  static let root = "docs/plans"
  var files: [(path: String, bytes: [UInt8])] = []

  init(_ files: [(String, String)]) {
    self.files = files.map { ("\(ScratchPlans.root)/\($0.0)", Array($0.1.utf8)) }
  }

  var units: [PlanUnit] {
    files.map { PlanReader.read(PlanSource(path: $0.path, bytes: $0.bytes), root: ScratchPlans.root) }
  }

  func compile() -> Compilation { PlanCompiler.link(units) }

  func report() -> DiagnosticReport {
    let compilation = compile()
    let texts = Dictionary(files.map { ($0.path, $0.bytes) }) { first, _ in first }
    return DiagnosticReport(
      compilation.diagnostics, files: files.count, tasks: compilation.tasks.count, toolVersion: "test"
    ) { texts[$0] }
  }
}

/// One file, read.
func unit(_ text: String, _ name: String = "billing/epic-05-validators.md") -> PlanUnit {
  unit(bytes: Array(text.utf8), name)
}

func acceptance(of text: String, _ name: String = "billing/epic-05-validators.md") -> [AcceptanceCriterion] {
  PlanReader.criteria(PlanSource(path: "docs/plans/\(name)", bytes: Array(text.utf8)), root: "docs/plans")
}

func unit(bytes: [UInt8], _ name: String = "billing/epic-05-validators.md") -> PlanUnit {
  PlanReader.read(PlanSource(path: "\(ScratchPlans.root)/\(name)", bytes: bytes), root: ScratchPlans.root)
}

extension PlanUnit {
  var codes: [String] { diagnostics.map(\.code) }
}

extension Compilation {
  func task(_ id: String) -> PlanTask? { tasks.first { $0.id.description == id } }
  func codes(_ code: String) -> [Diagnostic] { diagnostics.filter { $0.code == code } }

  /// `E02 -> E01, !billing/E00`, with a mark before explicit edges.
  func edges(_ id: String) -> [String] {
    task(id)?.dependencies.map { ($0.kind == .explicit ? "!" : "") + $0.id.description } ?? ["no such task"]
  }
}
