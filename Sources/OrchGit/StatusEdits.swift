/// The plan files of a status commit that the person has changed, staged or not: they get the same edit in place.
struct StatusEdits {
  private struct Case {
    var edit: WorkingFileEdit
    /// Mode and blob of the new commit.
    var mode: UInt32
    var new: String
    /// What the person has staged; nil when that is the committed version, old or new.
    var staged: Staged?
  }
  private enum Staged { case version(IndexEntry), removal }

  private let candidates: [(edit: WorkingFileEdit, change: TreeChange)]
  private var cases: [Case] = []

  init(_ edits: [WorkingFileEdit], changes: [TreeChange]) {
    let byPath = Dictionary(changes.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    candidates = edits.compactMap { edit in
      guard let change = byPath[edit.path], change.old != nil, change.new != nil else { return nil }
      return (edit, change)
    }
  }

  /// Whether a changed file at that path takes part.
  func covers(_ path: String) -> Bool { candidates.contains { $0.edit.path == path } }

  /// Finds the files that the person has changed, and takes them out of git's sight: in the copy of the index they get
  /// the new version, which git then has nothing to do about.
  ///
  /// - Parameter dirty: The paths whose working files differ from the index.
  mutating func prepare(_ update: CheckoutUpdate, unstaged dirty: Set<String>) async throws(GitError) {
    cases = []
    if candidates.isEmpty { return }
    for candidate in candidates { try GitPath.check(candidate.edit.path) }
    let paths = candidates.map(\.edit.path)
    var entries: [String: [IndexEntry]] = [:]
    for field in try await update.git(["ls-files", "-s", "-z", "--"] + paths).fields {
      if let entry = IndexEntry(field) { entries[entry.path, default: []].append(entry) }
    }
    var lines: [UInt8] = []
    for (edit, change) in candidates {
      guard let old = change.old, let new = change.new else { continue }
      let found = entries[edit.path] ?? []
      // Unmerged: the checkout is in the middle of something, which git will say.
      guard found.allSatisfy({ $0.stage == 0 }) else { continue }
      var item = Case(edit: edit, mode: new.mode, new: new.oid.hex, staged: nil)
      if let entry = found.first {
        let isCommitted = entry.id == old.oid.hex || entry.id == new.oid.hex
        if !isCommitted { item.staged = .version(entry) }
        if isCommitted && !dirty.contains(edit.path) { continue }
      } else {
        item.staged = .removal
      }
      cases.append(item)
      lines += Array("\(String(new.mode, radix: 8)) \(new.oid.hex)\t\(edit.path)".utf8) + [0]
    }
    if !lines.isEmpty { try await update.git(["update-index", "-z", "--index-info"], input: lines) }
  }

  /// Edits the person's versions: the staged one, where there is one, and the working file.
  func apply(_ update: CheckoutUpdate) async throws(GitError) -> [UneditedFile] {
    var leftAlone: [UneditedFile] = []
    var lines: [UInt8] = []
    for item in cases {
      let path = item.edit.path
      let note = { (reason: UneditedFile.Reason) in UneditedFile(checkout: update.root, path: path, reason: reason) }
      switch item.staged {
      case nil: break
      case .removal: lines += Array("0 \(String(repeating: "0", count: 40))\t\(path)".utf8) + [0]
      case .version(let entry):
        let (id, isEdited) = try await edited(entry, item.edit, update)
        if !isEdited { leftAlone.append(note(.stagedVersion)) }
        lines += Array("\(entry.mode) \(id)\t\(path)".utf8) + [0]
      }
      let file = WorkingFile(root: update.root, path: path, scratch: update.place.gitDirectory + "/orch-working-file")
      if case .leftAlone(let reason) = try file.rewrite(item.edit.edit) { leftAlone.append(note(reason)) }
    }
    if !lines.isEmpty { try await update.git(["update-index", "-z", "--index-info"], input: lines) }
    return leftAlone
  }

  /// The blob of the staged version with the edit; the staged version itself when the edit does not apply.
  private func edited(
    _ entry: IndexEntry, _ edit: WorkingFileEdit, _ update: CheckoutUpdate
  ) async throws(GitError) -> (id: String, isEdited: Bool) {
    guard entry.mode == "100644" || entry.mode == "100755" else { return (entry.id, false) }
    let bytes = try await update.git(["cat-file", "blob", entry.id]).stdout
    guard let new = edit.edit(bytes) else { return (entry.id, false) }
    if new == bytes { return (entry.id, true) }
    // Without --path no filter runs: the staged bytes went through it when the person staged them.
    return (try await update.git(["hash-object", "-w", "--stdin"], input: new).text, true)
  }
}
