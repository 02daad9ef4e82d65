import OrchDomain
package import OrchTemplates

/// Which part of a repository a maintenance task is about.
package enum MaintenanceScope: Hashable, Sendable {
  case all
  /// A module of the plans.
  case module(String)
  /// A glob of files, relative to the root.
  case path(String)

  /// The forms that a scope may have.
  package static let forms = ["all", "module:NAME", "path:GLOB"]

  /// Reads `all`, `module:billing`, `path:Sources/Mail/**`, or a path alone; nil for anything else.
  package init?(_ text: String) {
    if text == "all" {
      self = .all
      return
    }
    let named = text.contains(":") ? text : "path:\(text)"
    let parts = named.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty, parts[1].unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0 != "`" })
    else { return nil }
    switch parts[0] {
    case "module" where TaskID.isModuleName(parts[1]): self = .module(parts[1])
    case "path" where !parts[1].hasPrefix("/") && !parts[1].split(separator: "/").contains(".."):
      self = .path(parts[1])
    default: return nil
    }
  }

  /// In the sentences of a plan.
  var text: String {
    switch self {
    case .all: "the whole repository"
    case .module(let name): "the module `\(name)`"
    case .path(let glob): "`\(glob)`"
    }
  }

  /// As a part of an id: two scopes do not wait for each other.
  fileprivate var letters: String {
    switch self {
    case .all: ""
    case .module(let text), .path(let text): String(text.lowercased().filter { ("a"..."z").contains($0) }.prefix(16))
    }
  }
}

/// A plan that is made from a template of `maintenance`.
package struct MaintenancePlan: Hashable, Sendable {
  /// The module of all of them.
  package static let module = "maintenance"

  package let template: Template
  package let scope: MaintenanceScope
  /// What a person has asked for in their own words; empty for what the template says alone.
  package let request: String

  package init(_ template: Template, _ scope: MaintenanceScope, request: String = "") {
    self.template = template
    self.scope = scope
    self.request = request
  }

  /// `docs`, as on the command line.
  package static func name(of template: Template) -> String {
    String(template.rawValue.split(separator: "/").last ?? "")
  }

  /// Of the task's id: template and scope, so that only the same work waits for itself.
  package var prefix: String { (Self.name(of: template) + scope.letters).uppercased() }

  /// `docs/plans/maintenance/epic-docsbilling-02-docs.md`
  package func path(below plans: String, number: Int) -> String {
    "\(plans)/\(Self.module)/epic-\(prefix.lowercased())-\(pad(number))-\(Self.name(of: template)).md"
  }

  /// The whole file.
  ///
  /// - Parameter override: See ``Template/load(_:)``.
  package func text(override: (String) -> String? = { _ in nil }) throws(TemplateError) -> String {
    let body = try template.render(["scope": scope.text, "request": request], override: override)
    var front = "---\nstatus: not_started\nlabels: [maintenance]\n"
    if case .path(let glob) = scope {
      // Without a wildcard it may be a file or a directory.
      let globs = glob.contains { "*?[{".contains($0) } ? [glob] : [glob, glob + "/**"]
      front += "touches: [\(globs.map(Self.quoted).joined(separator: ", "))]\n"
    }
    return front + "---\n\n" + body
  }

  /// As a single-quoted text of YAML.
  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }
}
