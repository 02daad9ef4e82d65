import OrchDomain

/// What the path of a file says about it.
struct PlanPlace {
  /// Where the file lies.
  enum Site: Hashable {
    /// Not below the root of the plans.
    case outside
    /// Directly in the root.
    case root
    /// In or below the directory of a module.
    case module(String)
  }

  let site: Site
  let isMarkdown: Bool
  /// Whether the file describes its module.
  let isOverview: Bool
  let name: PlanName?

  init(path: String, root: String) {
    let trimmed = root.hasSuffix("/") ? String(root.dropLast()) : root
    let below = trimmed.isEmpty || trimmed == "." ? path[...] : PlanPlace.dropPrefix(trimmed + "/", of: path)
    let parts = (below ?? "").split(separator: "/")
    let file = String(parts.last ?? "")
    isMarkdown = file.hasSuffix(".md")
    switch parts.count {
    case 0: site = .outside
    case 1: site = .root
    default: site = .module(String(parts[0]))
    }
    isOverview = parts.count == 2 && (file == "README.md" || file == "00-overview.md")
    if case .module(let module) = site {
      name = PlanName(file, in: module)
    } else {
      name = site == .root ? PlanName(file, in: nil) : nil
    }
  }

  /// The directory's name, valid or not.
  var directory: String? {
    if case .module(let name) = site { name } else { nil }
  }

  private static func dropPrefix(_ prefix: String, of path: String) -> Substring? {
    path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : nil
  }
}
