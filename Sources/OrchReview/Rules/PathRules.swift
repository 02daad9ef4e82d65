import OrchDomain

/// What the path and the kind of a file say.
enum PathRules {
  private static let symlinkMode: UInt32 = 0o120000
  private static let submoduleMode: UInt32 = 0o160000

  /// - Parameter saysNothing: Whether nothing but comments and line breaks changed in the file.
  static func judge(
    _ file: FileDiff, _ policy: ReviewPolicy, _ context: ReviewContext, saysNothing: Bool,
    _ evidence: inout EvidenceCollector
  ) {
    judgeKind(file, &evidence)
    var paths = [file.path]
    // The old name counts too: moving a guard away is a change of it. A copy leaves its source alone.
    if let old = file.oldPath, old != file.path, file.kind != .copied { paths.append(old) }
    for path in paths {
      let note = path == file.path ? describe(file) : "renamed to \(file.path)"
      let role = FileRole(path)
      judgeRole(role, path, isBinary: file.isBinary, Excerpt.text(note), &evidence)
      if !saysNothing {
        judgeCode(role, file, path, Excerpt.text(note), &evidence)
        if policy.reviewsCode, role.decidesWhatRuns { evidence.add(.code, path, nil, Excerpt.text(note)) }
      }
      judgePolicy(path, Excerpt.text(note), policy, &evidence)
      if let owner = policy.reviewsOwned ? context.owners.owners(of: path) : nil {
        evidence.add(
          .codeOwner, path, nil, Excerpt.text("\(owner.pattern) belongs to \(owner.owners.joined(separator: " "))"))
      }
      if CodeLine(path).deceives || path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
        evidence.add(.hiddenText, path, nil, Excerpt.text(path))
      }
    }
  }

  private static func describe(_ file: FileDiff) -> String {
    switch file.kind {
    case .added: "added"
    case .deleted: "deleted"
    case .modified: "changed"
    case .renamed: "renamed from \(file.oldPath ?? "?")"
    case .copied: "copied from \(file.oldPath ?? "?")"
    case .typeChanged: "changed its type"
    }
  }

  private static func judgeKind(_ file: FileDiff, _ evidence: inout EvidenceCollector) {
    let note = describe(file)
    if file.kind != .deleted {
      switch file.newMode & 0o170000 {
      case symlinkMode: evidence.add(.symlink, file.path, nil, note)
      case submoduleMode: evidence.add(.submodule, file.path, nil, note)
      default:
        let wasExecutable = file.oldMode.map { $0 & 0o111 != 0 } ?? false
        if file.newMode & 0o111 != 0, !wasExecutable { evidence.add(.executableBit, file.path, nil, note) }
      }
    }
    if let old = file.oldMode, [symlinkMode, submoduleMode].contains(old & 0o170000), old != file.newMode {
      evidence.add(old & 0o170000 == symlinkMode ? .symlink : .submodule, file.path, nil, note)
    }
    if file.isBinary { evidence.add(.binary, file.path, nil, note) }
    if let reason = unseen(file) { evidence.add(.unreadable, file.path, nil, reason) }
  }

  /// Why the content of a file was not seen although it changed; nil when it was, or when there is none.
  private static func unseen(_ file: FileDiff) -> String? {
    // A line of the new file without its number is no line of the file: the diff was cut off there.
    let isCut = file.hunks.contains { $0.lines.contains { $0.origin != .removed && $0.newLine == nil } }
    if isCut, file.newMode & 0o170000 != submoduleMode { return "the diff of this file was cut off" }
    guard file.hunks.allSatisfy({ $0.lines.isEmpty }), !file.isBinary else { return nil }
    let isFile = file.newMode & 0o170000 == 0o100000
    switch file.kind {
    case .modified, .typeChanged:
      let isModeChange = file.oldMode.map { $0 != file.newMode } ?? (file.newMode & 0o111 != 0)
      return isModeChange || !isFile ? nil : "changed without a visible line"
    case .renamed, .copied:
      // What was prose until now becomes code without one of its lines being shown.
      guard let old = file.oldPath else { return "moved from an unknown place" }
      let (before, after) = (FileRole(old), FileRole(file.path))
      let wasSeen = before.hasTellingWords || !after.hasTellingWords
      return wasSeen ? nil : "\(file.kind.rawValue) from \(Excerpt.text(old)), and now it is code"
    // An empty file has no lines.
    case .added, .deleted: return nil
    }
  }

  private static func judgeRole(
    _ role: FileRole, _ path: String, isBinary: Bool, _ note: String, _ evidence: inout EvidenceCollector
  ) {
    if role.runsInCI { evidence.add(.ci, path, nil, note) }
    if role.isInterfaceDescription, !role.isTest { evidence.add(.publicAPI, path, nil, note) }
    if role.isAlwaysProtected { evidence.add(.reviewMachinery, path, nil, note) }
    if role.isAgentInstruction { evidence.add(.agentInstructions, path, nil, note) }
    if role.isInfrastructure, !role.runsInCI { evidence.add(.infrastructure, path, nil, note) }
    if !role.isKnown, !isBinary { evidence.add(.unknownKind, path, nil, note) }
  }

  /// What a file of this name says as soon as its code changes.
  private static func judgeCode(
    _ role: FileRole, _ file: FileDiff, _ path: String, _ note: String, _ evidence: inout EvidenceCollector
  ) {
    if role.isSecurity, !role.isDependencies { evidence.add(.securityPath, path, nil, note) }
    if role.isMigration { evidence.add(.migrationPath, path, nil, note) }
    if role.isBuild || role.isSetting, !role.isDependencies, !role.isProse, !XcodeProject.onlyListsFiles(file),
      !isOwnVersion(file, role)
    {
      evidence.add(.build, path, nil, note)
    }
  }

  /// Whether only the version of the project itself changed in a file of properties.
  private static func isOwnVersion(_ file: FileDiff, _ role: FileRole) -> Bool {
    guard role.name == "gradle.properties", file.kind == .modified, !file.hunks.isEmpty else { return false }
    return file.hunks.allSatisfy { hunk in
      hunk.lines.allSatisfy {
        $0.origin == .context || ["version=", "VERSION_NAME="].contains(where: $0.text.hasPrefix)
      }
    }
  }

  private static func judgePolicy(
    _ path: String, _ note: String, _ policy: ReviewPolicy, _ evidence: inout EvidenceCollector
  ) {
    let isOwnPlan = path == policy.planPath
    let isOtherPlan = path.hasPrefix(policy.plansDirectory + "/") && !isOwnPlan
    if isOtherPlan || policy.protectedPaths.contains(where: { $0.matches(path) }) {
      evidence.add(.protectedPath, path, nil, note)
    }
    if !policy.touches.isEmpty, !isOwnPlan, !policy.touches.contains(where: { $0.matches(path) }) {
      evidence.add(.outsideTouches, path, nil, note)
    }
    for rule in policy.extraRules where rule.words.isEmpty && rule.paths.contains(where: { $0.matches(path) }) {
      evidence.add(rule: rule.name, rule.category, path, nil, note)
    }
  }
}
