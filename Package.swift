// swift-tools-version: 6.2

import PackageDescription

func product(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package)
}

let argumentParser = product("ArgumentParser", "swift-argument-parser")
let crypto = product("Crypto", "swift-crypto")
let cryptoExtras = product("CryptoExtras", "swift-crypto")
let grpcCore = product("GRPCCore", "grpc-swift-2")
let grpcInProcess = product("GRPCInProcessTransport", "grpc-swift-2")
let grpcProtobuf = product("GRPCProtobuf", "grpc-swift-protobuf")
let hummingbird = product("Hummingbird", "hummingbird")
let logging = product("Logging", "swift-log")
let metrics = product("Metrics", "swift-metrics")
let nioCore = product("NIOCore", "swift-nio")
let nioPosix = product("NIOPosix", "swift-nio")
let nioSSL = product("NIOSSL", "swift-nio-ssl")
let nioTLS = product("NIOTLS", "swift-nio")
let protobuf = product("SwiftProtobuf", "swift-protobuf")
let serviceLifecycle = product("ServiceLifecycle", "swift-service-lifecycle")
let subprocess = product("Subprocess", "swift-subprocess")
let swiftASN1 = product("SwiftASN1", "swift-asn1")
let systemPackage = product("SystemPackage", "swift-system")
let x509 = product("X509", "swift-certificates")

// C libraries, each imported by exactly one target.
let systemLibraries: [Target] = [
  .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
  .systemLibrary(name: "CNghttp2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

// Libraries that know nothing of Temporis.
let libraries: [Target] = [
  .target(name: "HTTP2Session", dependencies: ["CNghttp2"]),
  .target(
    name: "GRPCNghttp2Transport",
    dependencies: [
      "CZlib",
      "HTTP2Session",
      grpcCore,
      logging,
      nioCore,
      nioPosix,
      nioSSL,
      nioTLS,
    ],
    exclude: ["README.md"]),
  .target(
    name: "Postgres",
    dependencies: [
      "CLibPQ",
      logging,
    ]),
]

// The contracts. protoc writes `package import` of modules that a file may not use; everything else stays strict.
let contracts: [Target] = [
  .target(
    name: "TemporisAPI",
    dependencies: [
      grpcCore,
      grpcProtobuf,
      protobuf,
    ],
    swiftSettings: [.swiftLanguageMode(.v6)])
]

// Pure domain code: no I/O, no RPC, no storage.
let domain: [Target] = [
  // A forecast as a drawing, for a page and for a file of its own.
  .target(name: "ForecastChart"),
  .target(name: "Forecasting", exclude: ["README.md"]),
  .target(name: "TokenDomain", dependencies: [crypto]),
]

// What every service begins with, the services, and what runs them on one machine.
let services: [Target] = [
  .target(
    name: "ServiceKit",
    dependencies: [
      "GRPCNghttp2Transport",
      "TemporisAPI",
      "TokenDomain",
      argumentParser,
      grpcCore,
      grpcProtobuf,
      hummingbird,
      logging,
      metrics,
      nioCore,
      nioPosix,
      nioSSL,
      protobuf,
      serviceLifecycle,
      product("Configuration", "swift-configuration"),
      product("UnixSignals", "swift-service-lifecycle"),
    ]),
  .target(
    name: "ServiceDatabase",
    dependencies: [
      "Postgres",
      "ServiceKit",
      argumentParser,
      grpcCore,
      logging,
      protobuf,
    ]),
  .target(
    name: "TokenServer",
    dependencies: [
      "GRPCNghttp2Transport",
      "Postgres",
      "ServiceDatabase",
      "ServiceKit",
      "TemporisAPI",
      "TokenDomain",
      argumentParser,
      crypto,
      cryptoExtras,
      grpcCore,
      grpcProtobuf,
      logging,
      nioCore,
      nioPosix,
      protobuf,
      serviceLifecycle,
    ]),
  .target(
    name: "VerifierServer",
    dependencies: [
      "GRPCNghttp2Transport",
      "ServiceKit",
      "TemporisAPI",
      "TokenDomain",
      argumentParser,
      grpcCore,
      grpcProtobuf,
      logging,
      metrics,
      nioCore,
      nioPosix,
      protobuf,
      serviceLifecycle,
    ]),
  .target(
    name: "PredictServer",
    dependencies: [
      "Forecasting",
      "Postgres",
      "ServiceDatabase",
      "ServiceKit",
      "TemporisAPI",
      "TokenDomain",
      argumentParser,
      crypto,
      grpcCore,
      grpcProtobuf,
      logging,
      nioPosix,
      protobuf,
      serviceLifecycle,
    ]),
  .target(
    name: "Gateway",
    dependencies: [
      "ForecastChart",
      "GRPCNghttp2Transport",
      "ServiceKit",
      "TemporisAPI",
      "TokenDomain",
      argumentParser,
      crypto,
      grpcCore,
      grpcProtobuf,
      hummingbird,
      logging,
      metrics,
      nioCore,
      nioSSL,
      protobuf,
      serviceLifecycle,
      product("HummingbirdHTTP2", "hummingbird"),
      product("Mustache", "swift-mustache"),
    ],
    resources: [.embedInCode("Resources")]),
  .target(
    name: "LocalStack",
    dependencies: [
      "GRPCNghttp2Transport",
      "Postgres",
      "ServiceKit",
      "TemporisAPI",
      crypto,
      cryptoExtras,
      grpcCore,
      grpcProtobuf,
      logging,
      nioCore,
      nioPosix,
      protobuf,
      serviceLifecycle,
      subprocess,
      swiftASN1,
      systemPackage,
      x509,
    ]),
  .target(
    name: "TemporisCLI",
    dependencies: [
      "ForecastChart",
      "Forecasting",
      "GRPCNghttp2Transport",
      "LocalStack",
      "ServiceKit",
      "TemporisAPI",
      "TokenDomain",
      argumentParser,
      grpcCore,
      grpcProtobuf,
      logging,
      protobuf,
      serviceLifecycle,
    ]),
]

let executables: [Target] = [
  .executableTarget(name: "api-gateway", dependencies: ["Gateway"]),
  .executableTarget(name: "auth-verifier", dependencies: ["VerifierServer"]),
  .executableTarget(name: "predict-service", dependencies: ["PredictServer"]),
  .executableTarget(name: "temporis", dependencies: ["TemporisCLI"]),
  .executableTarget(name: "token-service", dependencies: ["TokenServer"]),
]

// Swift's runtime is linked into the executables: calls into a shared one cost a seventh of a service's time. Only their
// linking says so, as `--static-swift-stdlib` would have everything compiled once more for the tests; and since the
// modules are compiled for the shared one, what Foundation consists of has to be named.
let foundation = [
  "Foundation", "FoundationInternationalization", "FoundationEssentials", "CoreFoundation", "_FoundationICU",
  "_FoundationCShims", "_FoundationCollections",
]
for target in executables {
  target.linkerSettings = [
    .unsafeFlags(
      ["-static-stdlib", "-Xlinker", "--start-group"] + foundation.map { "-l" + $0 } + ["-Xlinker", "--end-group"],
      .when(platforms: [.linux]))
  ]
}

let testSupport: [Target] = [
  // A private PostgreSQL server, waiting for a condition, a silent logger.
  .target(name: "TestSupport", dependencies: [logging], path: "Tests/TestSupport"),
  // Peers that speak HTTP/2 by hand, and a certificate authority.
  .target(
    name: "HTTP2TestSupport",
    dependencies: [
      "GRPCNghttp2Transport",
      "HTTP2Session",
      "TestSupport",
      crypto,
      logging,
      nioCore,
      nioPosix,
      nioSSL,
      swiftASN1,
      x509,
    ],
    path: "Tests/HTTP2TestSupport"),
  // The real executables, running, which `make test` builds first. No test target depends on them: the entry points of
  // several can't be linked into one bundle once they are optimised across modules.
  .target(
    name: "SystemSupport",
    dependencies: [
      "TestSupport",
      subprocess,
      systemPackage,
    ],
    path: "Tests/SystemSupport"),
  // protobuf-c, which tells whether the services' messages are on the wire what they should be.
  .systemLibrary(
    name: "CProtobufC", path: "Tests/CProtobufC", pkgConfig: "libprotobuf-c",
    providers: [.apt(["libprotobuf-c-dev"])]),
  .target(
    name: "ProtobufCOracle", dependencies: ["CProtobufC"], path: "Tests/ProtobufCOracle",
    cSettings: [.headerSearchPath("."), .headerSearchPath("Generated")], swiftSettings: []),
  // A server of the transport in a process of its own, built by `make test` like the executables, with functions in
  // place of malloc and its like that count.
  .target(name: "CAllocations", path: "Tests/CAllocations", swiftSettings: []),
  .executableTarget(
    name: "measured-server",
    dependencies: [
      "CAllocations",
      "GRPCNghttp2Transport",
      grpcCore,
      logging,
    ],
    path: "Tests/measured-server"),
]

let tests: [Target] = [
  .testTarget(
    name: "HTTP2SessionTests",
    dependencies: [
      "HTTP2Session",
      "HTTP2TestSupport",
    ]),
  .testTarget(
    name: "GRPCNghttp2TransportTests",
    dependencies: [
      "GRPCNghttp2Transport",
      "HTTP2Session",
      "HTTP2TestSupport",
      "SystemSupport",
      "TestSupport",
      grpcCore,
      logging,
      nioCore,
      nioPosix,
      nioSSL,
      nioTLS,
      subprocess,
      systemPackage,
    ]),
  .testTarget(
    name: "PostgresTests",
    dependencies: [
      "Postgres",
      "TestSupport",
      logging,
      product("InMemoryLogging", "swift-log"),
    ]),
  .testTarget(
    name: "ForecastChartTests",
    dependencies: [
      "ForecastChart",
      "TestSupport",
    ]),
  .testTarget(name: "ForecastingTests", dependencies: ["Forecasting"], exclude: ["Fixtures"]),
  .testTarget(
    name: "TokenDomainTests",
    dependencies: [
      "TokenDomain",
      crypto,
    ]),
  .testTarget(
    name: "ServiceKitTests",
    dependencies: [
      "GRPCNghttp2Transport",
      "HTTP2TestSupport",
      "ServiceKit",
      "TemporisAPI",
      "TestSupport",
      "TokenDomain",
      argumentParser,
      grpcCore,
      grpcInProcess,
      grpcProtobuf,
      logging,
      metrics,
      protobuf,
      product("InMemoryLogging", "swift-log"),
      product("ServiceLifecycleTestKit", "swift-service-lifecycle"),
    ]),
  .testTarget(
    name: "TokenServerTests",
    dependencies: [
      "GRPCNghttp2Transport",
      "Postgres",
      "ServiceDatabase",
      "ServiceKit",
      "TemporisAPI",
      "TestSupport",
      "TokenDomain",
      "TokenServer",
      grpcCore,
      logging,
      protobuf,
    ]),
  .testTarget(
    name: "VerifierServerTests",
    dependencies: [
      "GRPCNghttp2Transport",
      "ServiceKit",
      "TemporisAPI",
      "TestSupport",
      "TokenDomain",
      "VerifierServer",
      grpcCore,
      logging,
      product("InMemoryLogging", "swift-log"),
      protobuf,
    ]),
  .testTarget(
    name: "PredictServerTests",
    dependencies: [
      "Forecasting",
      "Postgres",
      "PredictServer",
      "ServiceDatabase",
      "ServiceKit",
      "TemporisAPI",
      "TestSupport",
      "TokenDomain",
      grpcCore,
      logging,
      protobuf,
      serviceLifecycle,
    ]),
  .testTarget(
    name: "GatewayTests",
    dependencies: [
      "ForecastChart",
      "GRPCNghttp2Transport",
      "Gateway",
      "ServiceKit",
      "SystemSupport",
      "TemporisAPI",
      "TestSupport",
      "TokenDomain",
      crypto,
      grpcCore,
      grpcInProcess,
      grpcProtobuf,
      hummingbird,
      logging,
      nioCore,
      nioPosix,
      nioTLS,
      protobuf,
      product("HummingbirdTesting", "hummingbird"),
      product("InMemoryLogging", "swift-log"),
      product("NIOEmbedded", "swift-nio"),
    ],
    exclude: ["Documents/answer.json"]),
  .testTarget(
    name: "LocalStackTests",
    dependencies: [
      "GRPCNghttp2Transport",
      "LocalStack",
      "Postgres",
      "ServiceKit",
      crypto,
      logging,
      swiftASN1,
      x509,
    ]),
  .testTarget(
    name: "TemporisCLITests",
    dependencies: [
      "ForecastChart",
      "Forecasting",
      "GRPCNghttp2Transport",
      "LocalStack",
      "ServiceKit",
      "TemporisAPI",
      "TemporisCLI",
      "TestSupport",
      argumentParser,
      protobuf,
    ]),
  .testTarget(
    name: "ContractTests",
    dependencies: [
      "GRPCNghttp2Transport",
      "ProtobufCOracle",
      "SystemSupport",
      "TemporisAPI",
      "TestSupport",
      grpcCore,
      logging,
      protobuf,
    ],
    exclude: ["GoldenBytes", "Protos", "Python", "README.md"]),
  .testTarget(
    name: "SystemTests",
    dependencies: [
      "SystemSupport",
      "TestSupport",
      subprocess,
      systemPackage,
    ],
    exclude: ["Browser", "README.md"]),
]

let package = Package(
  name: "temporis",
  products: [
    .library(name: "GRPCNghttp2Transport", targets: ["GRPCNghttp2Transport"]),
    .executable(name: "api-gateway", targets: ["api-gateway"]),
    .executable(name: "auth-verifier", targets: ["auth-verifier"]),
    .executable(name: "predict-service", targets: ["predict-service"]),
    .executable(name: "temporis", targets: ["temporis"]),
    .executable(name: "token-service", targets: ["token-service"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-system.git", from: "1.8.1"),
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf.git", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
  ],
  targets: systemLibraries + libraries + contracts + domain + services + executables + testSupport + tests
)

// A warning is an error in our targets, and only there: dependencies, generated code and C keep their own settings.
for target in package.targets where target.type != .system && target.swiftSettings == nil {
  target.swiftSettings = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
