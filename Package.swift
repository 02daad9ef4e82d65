// swift-tools-version: 6.2
import PackageDescription

// One list of settings for every target, so that no target can be laxer than another.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  // Without it the first use of every generic type of ours, such as a dictionary with its own kind of key, looks through
  // all conformances of the program for what the compiler knows: half of what a short command did (docs/performance.md).
  .unsafeFlags(
    ["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"], .when(configuration: .release)),
]
// The targets that touch C libraries also get the memory-safety checker.
let strictC = strict + [.strictMemorySafety()]
let strictCC: [CSetting] = [.treatAllWarnings(as: .error)]

// Where Debian keeps a C library and its archive side by side, a release build takes the archive: to find, map and bind a
// shared library costs a tenth of a millisecond at every start, and half of one for C++ (docs/performance.md).
let archives = [
  "/usr/lib/x86_64-linux-gnu/libsqlite3", "/usr/lib/x86_64-linux-gnu/libyaml", "/usr/lib/x86_64-linux-gnu/libcmark-gfm",
  "/usr/lib/x86_64-linux-gnu/libcmark-gfm-extensions", "/usr/lib/x86_64-linux-gnu/libz",
  "/usr/lib/gcc/x86_64-linux-gnu/12/libstdc++",
].flatMap { ["-Xlinker", "--remap-inputs=\($0).so=\($0).a"] }

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
  name: "claude-orch",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "claude-orch", targets: ["claude-orch"]),
    .executable(name: "orch-shim", targets: ["orch-shim"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    // No default trait of the client is on; what it needs beyond HTTP/1 and TLS is resolved, not built.
    .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
  ],
  targets: [
    // L0 - C: system libraries, and our own small programs and shims
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .systemLibrary(
      name: "CLibCMark", pkgConfig: "libcmark-gfm", providers: [.apt(["libcmark-gfm-dev"]), .brew(["cmark-gfm"])]),
    .target(name: "CGit2", cSettings: strictCC),
    .target(name: "CPosix", cSettings: strictCC),
    .executableTarget(name: "orch-shim", cSettings: strictCC),

    // L1 - words: values only, standard library only
    .target(name: "OrchDomain", swiftSettings: strict),
    .target(name: "OrchDiagnostics", swiftSettings: strict),
    .target(name: "OrchGraph", dependencies: ["OrchDomain"], swiftSettings: strict),
    .target(name: "OrchRandom", swiftSettings: strict),
    .target(
      name: "OrchTemplates", path: "Templates", sources: ["Templates.swift"], resources: [.embedInCode("texts")],
      swiftSettings: strict),

    // L2 - hands: each wraps one outside thing
    .target(name: "OrchYAML", dependencies: ["CLibYAML", "OrchDiagnostics"], swiftSettings: strictC),
    .target(name: "OrchMarkdown", dependencies: ["CLibCMark", "OrchDiagnostics"], swiftSettings: strictC),
    .target(name: "OrchFiles", dependencies: ["CPosix", "OrchDomain"], swiftSettings: strict),
    .target(name: "OrchProcess", dependencies: ["CPosix", "OrchDomain", "OrchFiles"], swiftSettings: strict),
    .target(name: "OrchGit", dependencies: ["CGit2", "OrchDomain", "OrchProcess"], swiftSettings: strictC),
    .target(
      name: "OrchStore", dependencies: ["OrchDomain", grdb, sqlite],
      resources: [.embedInCode("Migrations/newest.sql")], swiftSettings: strict),
    .target(name: "OrchConfig", dependencies: ["OrchDomain", "OrchDiagnostics", toml], swiftSettings: strict),

    .target(name: "OrchWeb", dependencies: ["OrchDomain", httpClient, nioCore, nioHTTP], swiftSettings: strict),
    .target(
      name: "OrchNotify", dependencies: ["OrchDomain", "OrchWeb", "OrchProcess", nioCore, nioPosix],
      swiftSettings: strict),
    .target(
      name: "OrchGitHub", dependencies: ["OrchDomain", "OrchWeb", cryptoExtras],
      swiftSettings: strict),

    // L3 - mind: pure decisions, no I/O, no clock, no logger
    .target(
      name: "OrchPlan",
      dependencies: ["OrchDomain", "OrchDiagnostics", "OrchGraph", "OrchYAML", "OrchMarkdown"], swiftSettings: strict),
    .target(name: "OrchSchedule", dependencies: ["OrchDomain", "OrchGraph"], swiftSettings: strict),
    .target(name: "OrchReview", dependencies: ["OrchDomain"], swiftSettings: strict),

    // L4 - loops: actors that own time and failure
    .target(
      name: "OrchAgents", dependencies: ["OrchDomain", "OrchMarkdown", "OrchTemplates"], swiftSettings: strict),
    .target(
      name: "OrchEngine",
      dependencies: [
        "OrchDomain", "OrchDiagnostics", "OrchGraph", "OrchTemplates", "OrchFiles", "OrchProcess", "OrchGit",
        "OrchStore", "OrchConfig", "OrchWeb", "OrchGitHub", "OrchNotify", "OrchMarkdown", "OrchPlan", "OrchSchedule",
        "OrchReview", "OrchAgents",
      ],
      swiftSettings: strict),

    // L5 - faces: what people see
    .target(
      name: "OrchHTTP",
      dependencies: [
        "OrchDomain", hummingbird, hummingbirdCore, hummingbirdTLS, httpTypes, nioCore, nioHTTPTypes, nioSSL, logging,
      ],
      swiftSettings: strict),
    .target(
      name: "OrchCLI",
      dependencies: [
        "OrchDomain", "OrchDiagnostics", "OrchGraph", "OrchTemplates", "OrchFiles", "OrchProcess", "OrchGit",
        "OrchStore", "OrchConfig", "OrchGitHub", "OrchNotify", "OrchPlan", "OrchSchedule", "OrchReview", "OrchAgents",
        "OrchEngine", "OrchHTTP", argumentParser,
      ],
      swiftSettings: strict),

    // L6 - doors
    .executableTarget(
      name: "claude-orch", dependencies: ["OrchCLI"], swiftSettings: strict,
      // What lld links starts a sixth faster than what gold links, and again a tenth without a table of exported
      // symbols, which nobody loads from a program (docs/performance.md).
      linkerSettings: [
        .unsafeFlags(["-use-ld=lld", "-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux])),
        .unsafeFlags(archives, .when(platforms: [.linux], configuration: .release)),
      ]),
    .executableTarget(
      name: "orch-bench",
      dependencies: ["OrchDomain", "OrchProcess", "OrchGit", "OrchStore", "OrchSchedule", "OrchRandom"],
      swiftSettings: strict),
    .executableTarget(
      name: "fuzz-plan", dependencies: ["OrchDomain", "OrchFiles", "OrchMarkdown", "OrchPlan", "OrchRandom"],
      swiftSettings: strict),

    // Tests, in the order of what they test
    .testTarget(name: "OrchDomainTests", dependencies: ["OrchDomain", "OrchRandom"], swiftSettings: strict),
    .testTarget(
      name: "OrchDiagnosticsTests", dependencies: ["OrchDiagnostics", "OrchDomain", "OrchRandom"], swiftSettings: strict
    ),
    .testTarget(
      name: "OrchGraphTests", dependencies: ["OrchGraph", "OrchDomain", "OrchRandom"], swiftSettings: strict),
    .testTarget(
      name: "OrchYAMLTests", dependencies: ["OrchYAML", "OrchDiagnostics", "OrchRandom"], swiftSettings: strict),
    .testTarget(name: "OrchMarkdownTests", dependencies: ["OrchMarkdown", "OrchRandom"], swiftSettings: strict),
    .testTarget(
      name: "OrchFilesTests", dependencies: ["OrchFiles", "OrchDomain", "OrchRandom"], swiftSettings: strict),
    .testTarget(
      name: "OrchProcessTests", dependencies: ["OrchProcess", "OrchDomain", "OrchFiles", "OrchRandom", "orch-shim"],
      swiftSettings: strict),
    .testTarget(
      name: "OrchGitTests", dependencies: ["OrchGit", "OrchDomain", "OrchProcess", "OrchRandom"], swiftSettings: strict),
    .testTarget(
      name: "OrchStoreTests", dependencies: ["OrchStore", "OrchDomain", "OrchRandom", grdb], exclude: ["Goldens"],
      swiftSettings: strict),
    .testTarget(
      name: "OrchConfigTests", dependencies: ["OrchConfig", "OrchDomain", "OrchDiagnostics", "OrchRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "OrchGitHubTests", dependencies: ["OrchGitHub", "OrchWeb", "OrchDomain", "OrchRandom", cryptoExtras],
      swiftSettings: strict),
    .testTarget(
      name: "OrchNotifyTests", dependencies: ["OrchNotify", "OrchWeb", "OrchDomain", "OrchProcess"],
      swiftSettings: strict),
    .testTarget(
      name: "OrchPlanTests",
      dependencies: [
        "OrchPlan", "OrchDomain", "OrchDiagnostics", "OrchGraph", "OrchYAML", "OrchMarkdown", "OrchRandom",
      ],
      exclude: ["Goldens"], swiftSettings: strict),
    .testTarget(
      name: "OrchScheduleTests", dependencies: ["OrchSchedule", "OrchGraph", "OrchDomain", "OrchRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "OrchReviewTests", dependencies: ["OrchReview", "OrchDomain", "OrchRandom"], swiftSettings: strict),
    .testTarget(
      name: "OrchAgentsTests",
      dependencies: ["OrchAgents", "OrchTemplates", "OrchMarkdown", "OrchDomain", "OrchRandom"],
      exclude: ["Fixtures", "Goldens"], swiftSettings: strict),
    .testTarget(
      name: "OrchEngineTests",
      dependencies: [
        "OrchEngine", "OrchDomain", "OrchDiagnostics", "OrchConfig", "OrchFiles", "OrchGitHub", "OrchSchedule",
        "OrchStore", "OrchNotify", "OrchProcess", "OrchRandom", "OrchWeb",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "OrchCLITests",
      dependencies: [
        "OrchCLI", "OrchEngine", "OrchStore", "OrchDomain", "OrchDiagnostics", "OrchAgents", "OrchSchedule",
        "OrchConfig", "OrchProcess", "OrchRandom", argumentParser,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "OrchHTTPTests", dependencies: ["OrchHTTP", "OrchDomain", "OrchRandom", nioCore], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["claude-orch", "orch-shim", "OrchStore", "OrchDomain", "OrchRandom", sqlite],
      swiftSettings: strict),
  ]
)
