import OrchDomain

/// What a change of manifests and lock files means.
enum DependencyRules {
  /// - Parameter files: The whole change: a lock file is judged beside its manifest.
  static func judge(_ file: FileDiff, among files: [FileDiff], _ evidence: inout EvidenceCollector) {
    let role = FileRole(file.path)
    if let old = file.oldPath, old != file.path, file.kind == .renamed {
      if FileRole(old).isDependencies || role.isDependencies {
        evidence.add(.dependencies, file.path, nil, Excerpt.text("renamed from \(old)"))
      }
    }
    guard role.isDependencies else { return }
    let whole = file.kind == .added || file.kind == .deleted ? file.kind.rawValue : "changed"
    guard let kind = ManifestKind.of(role), !file.hunks.isEmpty, !isVendored(role) else {
      return evidence.add(.dependencies, file.path, nil, whole)
    }
    if file.kind == .deleted { evidence.add(.dependencies, file.path, nil, whole) }
    let old = ManifestReader(side(of: file, .removed), kind)
    let new = ManifestReader(side(of: file, .added), kind)
    let changes = compare(old, new, file, kind)
    for change in changes { evidence.add(change.rule, file.path, change.line, Excerpt.text(change.text)) }
    if kind.isLock {
      judgeLock(file, role, files, isExplained: LockMoves(old, new, kind).explain(file), &evidence)
    } else {
      judgeSettings(file, old, new, &evidence)
    }
  }

  private static func isVendored(_ role: FileRole) -> Bool { role.isBelow(["vendor", "third_party", "node_modules"]) }

  /// One version of a file, as far as the hunks show it.
  private static func side(of file: FileDiff, _ origin: FileDiff.Line.Origin) -> [ManifestReader.Line] {
    var lines: [ManifestReader.Line] = []
    for hunk in file.hunks {
      var number = origin == .added ? hunk.newStart : hunk.oldStart
      for line in hunk.lines where line.origin == origin || line.origin == .context {
        lines.append(ManifestReader.Line(number: number, text: line.text))
        number += 1
      }
    }
    return lines
  }

  private struct Change {
    let rule: ReviewRule
    let line: Int
    let text: String
  }

  private static func compare(
    _ old: ManifestReader, _ new: ManifestReader, _ file: FileDiff, _ kind: ManifestKind
  ) -> [Change] {
    let before = Dictionary(grouping: old.dependencies, by: \.name)
    let after = Dictionary(grouping: new.dependencies, by: \.name)
    var changes: [Change] = []
    for (name, items) in after {
      let first = items[0]
      guard let earlier = before[name] else {
        let text = "new: \(name) \(first.version)\(first.source)"
        changes.append(Change(rule: .dependencyNew, line: first.line, text: text))
        continue
      }
      let sources = Set(earlier.map(\.source))
      if let other = items.first(where: { !sources.contains($0.source) }) {
        let text = "\(name) comes from elsewhere: \(other.source.isEmpty ? "the registry" : other.source)"
        changes.append(Change(rule: .dependencySource, line: other.line, text: text))
      }
      if let (line, jump) = jump(earlier, items, kind) {
        changes.append(Change(rule: .dependencyMajor, line: line, text: "\(name) \(jump)"))
      }
    }
    // Where the removed line stood is where a reader finds its gap.
    let gap = file.hunks.first?.newStart ?? 1
    for (name, items) in before where after[name] == nil {
      changes.append(Change(rule: .dependencyRemoved, line: gap, text: "removed: \(name) \(items[0].version)"))
    }
    return changes.sorted { ($0.line, $0.text) < ($1.line, $1.text) }
  }

  private static func jump(_ old: [Dependency], _ new: [Dependency], _ kind: ManifestKind) -> (Int, String)? {
    let (before, after) = (old.filter { !$0.version.isEmpty }, new.filter { !$0.version.isEmpty })
    let known = Set(before.map(\.version))
    for item in after where !known.contains(item.version) {
      let jumps = before.map { VersionText.jump(from: $0.version, to: item.version, kind) }
      // With several versions of one package side by side any of them may be the one that moved.
      if let first = jumps.first, jumps.allSatisfy({ $0 != nil }), let text = first { return (item.line, text) }
    }
    if let lost = before.first, after.isEmpty, let item = new.first, item.source.isEmpty {
      return (item.line, "no version any more, was \(lost.version)")
    }
    return nil
  }

  /// Lines that are no dependency and say more than what people read: scripts, registries, entry points.
  private static func judgeSettings(
    _ file: FileDiff, _ old: ManifestReader, _ new: ManifestReader, _ evidence: inout EvidenceCollector
  ) {
    for hunk in file.hunks {
      var (before, after) = (hunk.oldStart, hunk.newStart)
      for line in hunk.lines {
        let isBlank = line.text.allSatisfy(\.isWhitespace)
        let isKnown =
          line.origin == .added ? new.understood.contains(after) : old.understood.contains(before)
        if line.origin != .context, !isBlank, !isKnown {
          let sign = line.origin == .added ? "" : "removed: "
          evidence.add(.dependencies, file.path, after, Excerpt.text(sign + Quoted.trimmed(line.text)))
        }
        if line.origin != .added { before += 1 }
        if line.origin != .removed { after += 1 }
      }
    }
  }

  private static func judgeLock(
    _ file: FileDiff, _ role: FileRole, _ files: [FileDiff], isExplained: Bool, _ evidence: inout EvidenceCollector
  ) {
    let manifests = ManifestKind.manifests(ofLock: role.name)
    let hasManifest = files.contains { manifests.contains(FileRole($0.path).name) }
    func texts(_ origin: FileDiff.Line.Origin) -> [String] {
      file.hunks.flatMap { $0.lines.filter { $0.origin == origin }.map(\.text) }.sorted()
    }
    // Another order of the same lines is no change.
    guard !hasManifest, !isExplained, texts(.added) != texts(.removed) else { return }
    evidence.add(
      .lockOnly, file.path, nil,
      "changed without \(manifests.sorted().first ?? "its manifest"), and not only for a version that moved")
  }
}
