import OrchConfig
import OrchDomain
import OrchGit
import OrchGitHub
import OrchProcess

/// The one way to GitHub of an opened project.
package struct GitHubConnection: Sendable {
  let client: GitHubClient
  let reader: PullReader
  let remote: GitRemote
  /// Nobody moves the base branch on GitHub between our last look at it and our merge, at least not from here.
  let baseLock = OneAtATime()

  /// Requests an hour that looking around may take.
  static let looksPerHour = 600

  /// - Throws: ``EngineError/invalid(_:)`` for settings that cannot be used.
  init(
    _ settings: ForgeSettings, place: ProjectPlace, repository: GitRepository, environment: [String: String],
    clock: EngineClock
  ) throws {
    client = try Self.client(settings, place: place, environment: environment, clock: clock)
    reader = PullReader(client: client, now: clock.now)
    remote = GitRemote(url: client.address.git, repository: repository, directory: place.paths.forgeDirectory)
  }

  /// - Throws: ``EngineError/invalid(_:)`` for settings that cannot be used.
  static func client(
    _ settings: ForgeSettings, place: ProjectPlace, environment: [String: String], clock: EngineClock
  ) throws -> GitHubClient {
    do {
      return GitHubClient(
        address: try GitHubAddress(api: settings.apiURL, repository: settings.repo ?? ""),
        tokens: try tokens(settings, place, environment), budget: RequestBudget(perHour: looksPerHour),
        ownCheck: settings.checkName, now: clock.now, sleep: clock.sleep)
    } catch let error as GitHubError {
      throw EngineError.invalid("\(error)")
    }
  }

  private static func tokens(
    _ settings: ForgeSettings, _ place: ProjectPlace, _ environment: [String: String]
  ) throws -> TokenSource {
    var app: GitHubApp?
    if let id = settings.appID, let file = settings.appKeyFile {
      let key = String(decoding: try FileTree.read(place.launch.absolute(file)), as: UTF8.self)
      app = GitHubApp(id: id, key: key, installation: settings.appInstallation)
    }
    return TokenSource(environment: environment, configured: settings.token, app: app) { host in
      await tokenOfGH(host, environment)
    }
  }

  /// What `gh auth token` prints; nil without `gh` or a login.
  private static func tokenOfGH(_ host: String, _ environment: [String: String]) async -> String? {
    let allowed = ["XDG_CONFIG_HOME", "GH_CONFIG_DIR", "DBUS_SESSION_BUS_ADDRESS"]
    let command = Command(
      executable: "gh", arguments: ["auth", "token", "--hostname", host],
      environment: OrchProcess.AgentEnvironment.base(from: environment, allow: allowed), timeout: .seconds(10),
      outputLimit: 1 << 14)
    do {
      let result = try await CommandRunner().run(command)
      return result.exit == .code(0) ? result.text : nil
    } catch {
      return nil  // Not installed; the error about a missing login names it.
    }
  }
}
