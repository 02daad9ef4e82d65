import OrchDomain

/// Project files of Xcode, which name every source file several times.
enum XcodeProject {
  static let name = "project.pbxproj"

  private static let listing = ["isa = PBXBuildFile;", "isa = PBXFileReference;", "isa = PBXGroup;"]
  private static let fields = [
    "path = ", "name = ", "sourceTree = ", "children = (", "lastKnownFileType = ",
    // The version of the program itself.
    "MARKETING_VERSION = ", "CURRENT_PROJECT_VERSION = ",
  ]

  /// Whether a change only adds files to lists, or takes them out: no setting, script or phase of the build is new.
  static func onlyListsFiles(_ file: FileDiff) -> Bool {
    guard file.kind == .modified, file.path.hasSuffix(name), !file.hunks.isEmpty else { return false }
    return file.hunks.allSatisfy { hunk in
      hunk.lines.allSatisfy { $0.origin == .context || isListing(Quoted.trimmed($0.text)) }
    }
  }

  private static func isListing(_ line: Substring) -> Bool {
    if line.isEmpty || line == "};" || line == ");" || listing.contains(where: line.hasPrefix) { return true }
    if fields.contains(where: line.hasPrefix) { return true }
    // `4C67D1352454B12A00CBA725 /* Name.swift */,` or `… /* Name.swift */ = {isa = PBXBuildFile; …};`
    guard line.prefix(24).count == 24, line.prefix(24).allSatisfy(\.isHexDigit) else { return false }
    return line.hasSuffix("*/,") || line.hasSuffix("*/ = {") || listing.contains { line.contains("{" + $0) }
  }
}
