import ArgumentParser
import OrchDiagnostics
import OrchDomain
import OrchEngine
import OrchStore

/// `claude-orch groups`
struct GroupsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "groups", abstract: "Module tiers: hold back modules until all lower tiers are complete",
    discussion: "A module without a tier belongs to tier 0, which is open from the beginning.",
    subcommands: [GroupsList.self, GroupsSet.self, GroupsUnset.self], defaultSubcommand: GroupsList.self)
}

/// `claude-orch groups list`
struct GroupsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the modules by tier")

  @OptionGroup var options: ProjectOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let table = try TierTable.read(try options.view())
    if output.json {
      Terminal.standardOutput.write(table.json.text() + "\n")
    } else {
      Terminal.standardOutput.write(table.text)
      table.warn()
    }
  }
}

/// `claude-orch groups set`
struct GroupsSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "set", abstract: "Put a module into a tier")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "The module")
  var module: String

  @Argument(help: "The tier, from 0; it opens when every task of every lower tier is complete")
  var tier: Int

  func validate() throws {
    try GroupsChange.validate(module)
    if !(0...1_000_000).contains(tier) { throw ValidationError("a tier is a number from 0 to 1000000") }
  }

  func run() async throws {
    let view = try options.view()
    try GroupsChange.set(module, tier, in: view)
    Terminal.standardOutput.write("\(module) is in tier \(tier) now.\n")
    try TierTable.read(view).warn()
  }
}

/// `claude-orch groups unset`
struct GroupsUnset: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unset", abstract: "Take a module's tier away; it belongs to tier 0 then")

  @OptionGroup var options: ProjectOptions

  @Argument(help: "The module")
  var module: String

  func validate() throws { try GroupsChange.validate(module) }

  func run() async throws {
    let view = try options.view()
    let had = try view.look { tx in try tx.tiers()[module] }
    // A module whose plans are gone may still have a tier.
    try GroupsChange.set(module, nil, in: view, mustExist: had == nil)
    Terminal.standardOutput.write(
      had == nil ? "\(module) had no tier.\n" : "\(module) has no tier any more; it belongs to tier 0.\n")
    try TierTable.read(view).warn()
  }
}

/// What `set` and `unset` share.
enum GroupsChange {
  static func validate(_ module: String) throws {
    guard TaskID.isModuleName(module) else {
      throw ValidationError("'\(SafeText.visible(module))' is not a module name; write one such as billing")
    }
  }

  static func set(_ module: String, _ tier: Int?, in view: ProjectView, mustExist: Bool = true) throws {
    let modules = Set(try view.store.loadGraph(view.row).map(\.id.module)).sorted()
    if mustExist, !modules.contains(module) {
      let hint =
        NearestName.find(module, in: modules).map { "; did you mean '\($0)'?" }
        ?? (modules.isEmpty ? "; run `claude-orch sync` first" : "; there are \(modules.joined(separator: ", "))")
      throw EngineError.invalid("no plan is in a module '\(module)'\(hint)")
    }
    let now = EngineClock.system.now()
    // A result other than Void, because of a compiler bug (6.3.1).
    try view.store.write(view.row) { tx -> Bool in
      try tx.setTier(module, tier, at: now)
      return true
    }
  }
}
