package import OrchConfig
import OrchDomain
import OrchFiles
package import OrchGit
import OrchPlan
import OrchTemplates

/// Makes a repository ready for its first plans: what `onboard` writes, and what it proposes before.
package struct ProjectSetup: Sendable {
  /// One file and what became of it.
  package struct File: Hashable, Sendable {
    /// Relative to the project's root.
    package var path: String
    /// False when something was there already; that is never touched.
    package var isNew: Bool
  }

  package let root: String
  /// Relative to the root.
  private let plansDirectory: String

  package init(root: String, plansDirectory: String) {
    self.root = root
    self.plansDirectory = plansDirectory
  }

  package static let configFile = ConfigLocation.projectFile

  package var hasConfig: Bool { FileTree.exists("\(root)/\(Self.configFile)") }

  /// What the files in the project's root say about how it is built and tested.
  package func detect() throws -> [DetectedFramework] {
    let names = Set(try FileTree.names(in: root))
    func list(_ directory: String) -> Set<String> {
      // What is no directory, or cannot be looked into, holds no project.
      switch Result(catching: { try FileTree.names(in: "\(root)/\(directory)") }) {
      case .success(let names): Set(names)
      case .failure: []
      }
    }
    return FrameworkDetector.detect(names: names, list: list) { name in
      switch Result(catching: { try FileReader.read("\(root)/\(name)", limit: 1 << 20) }) {
      case .success(let bytes): String(decoding: bytes, as: UTF8.self)
      case .failure: nil
      }
    }
  }

  /// The answers that hold when nobody is asked.
  package static func proposal(_ frameworks: [DetectedFramework]) -> SetupAnswers {
    var answers = SetupAnswers()
    for framework in frameworks {
      answers.lint += framework.lint.filter { !answers.lint.contains($0) }
      answers.verifyCommands += framework.verify.filter { !answers.verifyCommands.contains($0) }
      answers.setup += framework.setup.filter { !answers.setup.contains($0) }
      answers.symlinkDirs += framework.symlinkDirs.filter { !answers.symlinkDirs.contains($0) }
    }
    return answers
  }

  /// Files that programs read their settings from and that people often keep out of git.
  private static let privateFiles = [".env", ".env.local", ".env.test", ".env.development"]

  /// Those of the usual private files that are there and that git ignores: only these can be missing in a worktree, and
  /// only these cannot be committed by accident.
  package func filesToCopy(in repository: GitRepository) async throws -> [String] {
    try await repository.ignored(Self.privateFiles.filter { FileTree.exists("\(root)/\($0)") })
  }

  /// Writes what is missing.
  package func write(_ answers: SetupAnswers, withSample: Bool) throws -> [File] {
    var files = [try create(Self.configFile, SettingsWriter.initialConfig(answers))]
    if withSample { files.append(try writeSample(answers)) }
    files.append(try writeReadme(withSample: withSample))
    return files
  }

  private static let sampleName = "epic-01-first-step.md"

  private func writeSample(_ answers: SetupAnswers) throws -> File {
    let text = try Template.samplePlan.load { _ in nil }.render([
      "module": "sample", "number": "1", "title": "Describe the first step here",
      "command": answers.verifyCommands.first ?? "",
    ])
    return try create("\(plansDirectory)/sample/\(Self.sampleName)", text)
  }

  private func writeReadme(withSample: Bool) throws -> File {
    let hasSample = FileTree.exists("\(root)/\(plansDirectory)/sample/\(Self.sampleName)")
    let row = hasSample ? "| [sample/E01](sample/\(Self.sampleName)) | 🔴 |" : ""
    let text = try Template.plansReadme.load { _ in nil }.render([
      "project": root.split(separator: "/").last.map(String.init) ?? "this project", "rows": row,
    ])
    return try create("\(plansDirectory)/README.md", text)
  }

  private func create(_ path: String, _ text: String) throws -> File {
    let full = "\(root)/\(path)"
    guard !FileTree.exists(full) else { return File(path: path, isNew: false) }
    if let slash = full.lastIndex(of: "/") { try DirectoryTree.make(String(full[..<slash]), mode: 0o755) }
    do throws(FileError) {
      try AtomicFile.write(full, Array(text.utf8), mode: 0o644)
    } catch {
      guard case .alreadyExists = error else { throw error }
      return File(path: path, isNew: false)
    }
    return File(path: path, isNew: true)
  }
}
