/* Generated from docs/openapi.json by `npm run openapi`: do not edit. */
export interface paths {
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to plugins, newest first */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/logs/supervisor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the supervisor did, newest first */
        get: operations["getSupervisorLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/instance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The identity and version of this installation */
        get: operations["getInstance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in; the session comes as a cookie */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the session */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who the caller is */
        get: operations["getCurrentUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Change one's own password; all other sessions end */
        post: operations["changePassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All API tokens, newest first, without their secrets */
        get: operations["listApiTokens"];
        put?: never;
        /** Make an API token; its secret is in this answer alone */
        post: operations["createApiToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API token; it is refused at once */
        delete: operations["revokeApiToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody who may sign in */
        get: operations["listUsers"];
        put?: never;
        /** Add a user */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Remove a user; that user's sessions end */
        delete: operations["deleteUser"];
        options?: never;
        head?: never;
        /** Change a user's role or password; that user's sessions end */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/api/plugins": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All installed plugins, the invalid ones too */
        get: operations["listPlugins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/rescan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Look through the plugins directory again */
        post: operations["rescanPlugins"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One plugin in detail */
        get: operations["getPlugin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a plugin, now and at every start of the host */
        post: operations["enablePlugin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a plugin and keep it stopped */
        post: operations["disablePlugin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/restart": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End the process of a plugin and start another one */
        post: operations["restartPlugin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Forget the crashes of a plugin, end its quarantines, and try it again
         * @description A plugin that the supervisor has disabled is enabled again; one that somebody has disabled stays so.
         */
        post: operations["resetPlugin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log of a plugin, newest first */
        get: operations["getPluginLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to a plugin, newest first */
        get: operations["listPluginEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What happens to plugins, as server-sent events
         * @description Each message has the id of the event, and the event as JSON (`PluginEvent`). It ends with the session or token.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/kv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read or change what a plugin has stored
         * @description Everybody may get; set and delete are for admins. With `store: plugin` the host asks the plugin for the operation, which performs it on the storage that it keeps itself.
         */
        post: operations["pluginKv"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What may be set for a plugin, and what is set */
        get: operations["getPluginSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change settings of a plugin
         * @description A plugin that runs and listens for settings has them at once; `applied` says what became of the change.
         */
        patch: operations["changePluginSettings"];
        trace?: never;
    };
    "/api/plugins/{id}/license": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The licence of a plugin, as far as its key can be read */
        get: operations["getPluginLicense"];
        /**
         * Enter the licence key of a plugin
         * @description A plugin that had refused to run for its licence is started again by itself; `applied` says so.
         */
        put: operations["enterPluginLicense"];
        post?: never;
        /**
         * Forget the licence key that was entered
         * @description A file beside the plugin that holds a key counts again from then on.
         */
        delete: operations["removePluginLicense"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/licenses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The licences of the plugins that have a key or need one */
        get: operations["listLicenses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/licenses/clock/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that the clock is right
         * @description For a clock that was wrong before: the highest time that was seen is forgotten.
         */
        post: operations["acceptClock"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How requests to a plugin are bounded */
        get: operations["getPluginLimits"];
        /**
         * Bound the requests to a plugin
         * @description What is given replaces all that was set, and counts before what the plugin proposes and what the settings of the host say; `{}` leaves it to them. It holds from the next request on.
         */
        put: operations["setPluginLimits"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The versions of a plugin that are kept */
        get: operations["listPluginVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let another version of a plugin run
         * @description It gets ready beside the one that serves and takes over without a gap. It stays until the file in the plugins directory gets another content, or another version is chosen.
         */
        post: operations["rollbackPlugin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/bundle.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The JavaScript of a plugin’s page */
        get: operations["getPluginBundle"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The OpenAPI document that a plugin publishes
         * @description Its servers and its security are those of the host.
         */
        get: operations["getPluginApiDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/crashes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last crashes of a plugin, newest first */
        get: operations["listPluginCrashes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/plugins/{id}/crashes/{crash_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All that is known of one crash */
        get: operations["getPluginCrash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The host runs */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The host serves: its database answers and its plugins were read */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics in Prometheus’ text format */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        ErrorCode: "validation_failed" | "malformed_path" | "malformed_request" | "invalid_request" | "kv_cursor_invalid" | "kv_key_invalid" | "kv_value_invalid" | "unauthenticated" | "invalid_credentials" | "forbidden" | "csrf_refused" | "password_change_required" | "not_found" | "plugin_not_found" | "plugin_disabled" | "route_not_found" | "bundle_not_found" | "method_not_allowed" | "request_timeout" | "conflict" | "kv_conflict" | "plugin_invalid" | "payload_too_large" | "kv_value_too_large" | "unsupported_body" | "too_many_requests" | "internal" | "upgrade_unsupported" | "plugin_error" | "plugin_start_failed" | "plugin_unavailable" | "route_quarantined" | "plugin_busy" | "storage_unavailable" | "enabled_state_unusable" | "not_ready" | "shutting_down" | "plugin_timeout" | "kv_quota_exceeded";
        /** @description One input that is wrong */
        InputError: {
            /**
             * @description Where it stands
             * @example page_size
             */
            path: string;
            message: string;
        };
        /** @description An RFC 9457 problem document: the body of every error answer */
        ProblemDetails: {
            /** @example urn:toru:problem:plugin_not_found */
            type: string;
            title: string;
            status: number;
            /** @description What happened this time, and what to do about it */
            detail: string;
            /** @description The path that was asked for, without its query */
            instance: string;
            code: components["schemas"]["ErrorCode"];
            /** Format: uuid */
            request_id: string;
            /** @description The plugin concerned */
            plugin?: string;
            errors?: components["schemas"]["InputError"][];
        };
        PluginEvent: {
            id: number;
            plugin_id: string;
            /** @description Such as started, stopped, crashed, restarted, disabled */
            event_type: string;
            /** Format: date-time */
            timestamp: string;
            details: {
                [key: string]: unknown;
            };
        };
        EventPage: {
            /** @description Newest first */
            items: components["schemas"]["PluginEvent"][];
            page: number;
            page_size: number;
            has_more: boolean;
        };
        /** @description One line of a log file. Further fields are the own ones of the writer. */
        LogEntry: {
            /** Format: date-time */
            timestamp: string;
            /** @enum {string} */
            level: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
            /** @description The plugin concerned; empty where the line is about none */
            plugin: string;
            message: string;
            /** @description What went wrong: a text or an object */
            error?: string | Record<string, never>;
            /**
             * @description Where the plugin printed it
             * @enum {string}
             */
            stream?: "stdout" | "stderr";
            /** @description What the supervisor did */
            action?: string;
        };
        LogPage: {
            /** @description Newest first */
            items: components["schemas"]["LogEntry"][];
            page: number;
            page_size: number;
            has_more: boolean;
        };
        InstanceInfoDto: {
            /**
             * Format: uuid
             * @description Made at the first start; licences are issued for it.
             */
            instance_id: string;
            /**
             * @description The version of the host.
             * @example 0.1.0
             */
            version: string;
        };
        LoginRequestDto: {
            /** @example admin */
            username: string;
            /** Format: password */
            password: string;
        };
        /** @enum {string} */
        Role: "admin" | "viewer";
        CurrentUserDto: {
            /** @description The id of the user, or of the API token. */
            id: string;
            /** @description The name of the user; for an API token `token:` and its name. */
            name: string;
            role: components["schemas"]["Role"];
            /**
             * @description How the caller proved who it is.
             * @enum {string}
             */
            kind: "session" | "token";
            /** @description The password was given by somebody else: nothing else answers until it is changed. */
            must_change_password: boolean;
        };
        ChangePasswordDto: {
            /** Format: password */
            current_password: string;
            /** Format: password */
            new_password: string;
        };
        ApiTokenDto: {
            /** Format: uuid */
            id: string;
            name: string;
            role: components["schemas"]["Role"];
            /** Format: date-time */
            created_at: string;
            /** @description The name of who made it, as it was then. */
            created_by: string;
            /**
             * Format: date-time
             * @description Null: it does not expire.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description Exact to a minute.
             */
            last_used_at: string | null;
        };
        ApiTokenListDto: {
            items: components["schemas"]["ApiTokenDto"][];
        };
        CreateApiTokenDto: {
            /** @example backup script */
            name: string;
            role: components["schemas"]["Role"];
            /**
             * Format: date-time
             * @description RFC 3339, in the future. Null or absent: the token does not expire.
             */
            expires_at?: string | null;
        };
        CreatedApiTokenDto: {
            /** Format: uuid */
            id: string;
            name: string;
            role: components["schemas"]["Role"];
            /** Format: date-time */
            created_at: string;
            /** @description The name of who made it, as it was then. */
            created_by: string;
            /**
             * Format: date-time
             * @description Null: it does not expire.
             */
            expires_at: string | null;
            /**
             * Format: date-time
             * @description Exact to a minute.
             */
            last_used_at: string | null;
            /**
             * @description The secret. It is shown this one time.
             * @example tsc_…
             */
            token: string;
        };
        UserDto: {
            /** Format: uuid */
            id: string;
            username: string;
            role: components["schemas"]["Role"];
            must_change_password: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        UserListDto: {
            items: components["schemas"]["UserDto"][];
        };
        CreateUserDto: {
            /** @example maria */
            username: string;
            /** Format: password */
            password: string;
            role: components["schemas"]["Role"];
            /**
             * @description The user has to choose another password at first.
             * @default false
             */
            must_change_password?: boolean;
        };
        UpdateUserDto: {
            role?: components["schemas"]["Role"];
            /** Format: password */
            password?: string;
            /**
             * @description Together with a password: it has to be changed at first.
             * @default false
             */
            must_change_password?: boolean;
        };
        /** @enum {string} */
        PluginState: "invalid" | "disabled" | "starting" | "running" | "unhealthy" | "backoff" | "stopping" | "failed";
        /** @enum {string} */
        PluginHealth: "healthy" | "unhealthy" | "unknown";
        /** @description What a plugin uses of the machine, its children included */
        PluginResources: {
            /** @description Of one core, since the sample before */
            cpu_percent: number;
            /** @description Resident; pages that its processes share count for each of them */
            memory_bytes: number;
            /** @description Null where the system does not tell */
            open_files: number | null;
            processes: number;
            /** Format: date-time */
            sampled_at: string;
        };
        /** @description One installed plugin, valid or not */
        PluginSummary: {
            /** @description For a file without valid metadata an id made from its name */
            id: string;
            name: string;
            version: string | null;
            /** @description An emoji or a short text */
            icon: string | null;
            /** @example /acme */
            route: string | null;
            author: string | null;
            description: string | null;
            homepage: string | null;
            /** @enum {integer|null} */
            protocol: 1 | 2 | null;
            /** @description The name of the file in the plugins directory */
            file: string;
            /** @description Why its file cannot be used as it is now; the version before it goes on. Null where it can */
            file_problem: string | null;
            /** @description Whether it is meant to run */
            enabled: boolean;
            status: components["schemas"]["PluginState"];
            health: components["schemas"]["PluginHealth"];
            /** @description Why it is invalid, disabled by the supervisor, waiting or failed */
            reason: string | null;
            /**
             * @description What it has failed for, where it has
             * @enum {string|null}
             */
            refusal: "license" | "config" | null;
            /** @description Null while no process of it runs, or none was measured yet */
            resources: components["schemas"]["PluginResources"] | null;
            /** @description It declares settings */
            has_settings: boolean;
        };
        PluginList: {
            items: components["schemas"]["PluginSummary"][];
            /** @description The host has not looked into all files of its plugins directory yet: plugins may be missing from the list */
            reading: boolean;
            /** @description Why the plugins directory cannot be read, with what to do about it; plugins that were known stay in the list. Null where it can */
            problem: string | null;
        };
        /** @description What changed since the last scan, by id */
        RescanAnswer: {
            added: string[];
            /** @description Another content, or valid where it was invalid, or the reverse */
            changed: string[];
            removed: string[];
        };
        /** @description What a plugin may use of one resource, its children included */
        PluginBudget: {
            /**
             * @description cpu_percent: of one core. open_files: for each process
             * @enum {string}
             */
            resource: "memory_bytes" | "cpu_percent" | "processes" | "open_files";
            /** @description What holds: for the process that runs, or for the next one */
            limit: number;
            /** @description The `limits` of its metadata */
            declared: number | null;
            /** @description The host's setting */
            host: number | null;
            /**
             * @description cgroup: the kernel. sampling: the host measures, and ends the plugin; cpu_percent: tells of it. rlimit: RLIMIT_NOFILE. Null while no process of it runs
             * @enum {string|null}
             */
            enforced_by: "cgroup" | "sampling" | "rlimit" | null;
        };
        /** @description A route that is kept from a plugin because it crashes it */
        QuarantinedRoute: {
            /** @description Method and path below the plugin's route; * stands for an id */
            route: string;
            /** Format: date-time */
            since: string;
            /** Format: date-time */
            until: string;
            /** @description How often it was kept from the plugin in a row */
            times: number;
        };
        PluginDetails: {
            /** @description For a file without valid metadata an id made from its name */
            id: string;
            name: string;
            version: string | null;
            /** @description An emoji or a short text */
            icon: string | null;
            /** @example /acme */
            route: string | null;
            author: string | null;
            description: string | null;
            homepage: string | null;
            /** @enum {integer|null} */
            protocol: 1 | 2 | null;
            /** @description The name of the file in the plugins directory */
            file: string;
            /** @description Why its file cannot be used as it is now; the version before it goes on. Null where it can */
            file_problem: string | null;
            /** @description Whether it is meant to run */
            enabled: boolean;
            status: components["schemas"]["PluginState"];
            health: components["schemas"]["PluginHealth"];
            /** @description Why it is invalid, disabled by the supervisor, waiting or failed */
            reason: string | null;
            /**
             * @description What it has failed for, where it has
             * @enum {string|null}
             */
            refusal: "license" | "config" | null;
            /** @description Null while no process of it runs, or none was measured yet */
            resources: components["schemas"]["PluginResources"] | null;
            /** @description It declares settings */
            has_settings: boolean;
            pid: number | null;
            /** @description The version of the process that runs: another than `version`, that of the file, while that is not taken */
            running_version: string | null;
            /**
             * Format: date-time
             * @description When the process that runs now became ready
             */
            started_at: string | null;
            uptime_seconds: number | null;
            /** @description How often it was spawned again since the host started */
            restarts: number;
            consecutive_crashes: number;
            /**
             * Format: date-time
             * @description When it is spawned again, while it waits in backoff
             */
            next_retry_at: string | null;
            /** @description Paths below the route that need no authentication */
            public_paths: string[];
            /** @description Of the resources that have a bound */
            budgets: components["schemas"]["PluginBudget"][];
            /** @description Routes that are kept from it */
            quarantined_routes: components["schemas"]["QuarantinedRoute"][];
            /** @description Newest first */
            recent_events: components["schemas"]["PluginEvent"][];
        };
        /** @description What an operation on a plugin's life did */
        LifecycleAnswer: {
            /** @enum {string} */
            outcome: "enabled" | "already_enabled" | "disabled" | "already_disabled" | "restarted" | "reset" | "rolled_back";
            /** @description One sentence for people */
            message: string;
            plugin: components["schemas"]["PluginDetails"];
        };
        KvRequest: {
            /** @enum {string} */
            action: "get" | "set" | "delete";
            /** @description 1 to 512 bytes of UTF-8 */
            key: string;
            /** @description For set: at most 1 MiB of UTF-8 */
            value?: string | null;
            /**
             * @description host: the namespace that the host keeps for the plugin. plugin: what the plugin keeps itself
             * @default host
             * @enum {string}
             */
            store?: "host" | "plugin";
        };
        KvAnswer: {
            /** @description What get found; null otherwise. From the store of a plugin: what the plugin answered */
            value: string | null;
        };
        PluginSettings: {
            plugin: string;
            /** @description What may be set, as a flat JSON Schema */
            schema: {
                [key: string]: unknown;
            } | null;
            /** @description Why what the plugin declares cannot be used */
            problem: string | null;
            /** @description What was set, and defaults for the rest; never secrets */
            values: {
                [key: string]: unknown;
            };
            /** @description Secrets that have a value */
            secrets_set: string[];
            /** @description Required settings without a value */
            missing: string[];
            /** @description Counts the changes; 0: nothing was ever set */
            revision: number;
            /** Format: date-time */
            updated_at: string | null;
        };
        PluginSettingsChange: {
            /** @description Values that are not named stay; null goes back to the default */
            values: {
                [key: string]: unknown;
            };
            /** @description The revision that the caller has seen */
            if_revision?: number;
        };
        PluginSettingsAnswer: {
            plugin: string;
            /** @description What may be set, as a flat JSON Schema */
            schema: {
                [key: string]: unknown;
            } | null;
            /** @description Why what the plugin declares cannot be used */
            problem: string | null;
            /** @description What was set, and defaults for the rest; never secrets */
            values: {
                [key: string]: unknown;
            };
            /** @description Secrets that have a value */
            secrets_set: string[];
            /** @description Required settings without a value */
            missing: string[];
            /** @description Counts the changes; 0: nothing was ever set */
            revision: number;
            /** Format: date-time */
            updated_at: string | null;
            /**
             * @description live: the plugin has it. restart_required: it runs and takes settings at its start alone. next_start: it does not run. started: it had refused to run and is started again
             * @enum {string}
             */
            applied: "live" | "restart_required" | "next_start" | "started";
        };
        LicenseFile: {
            /** @description Its name in the plugins directory */
            name: string;
            /** @description Why it is not used; null: it holds a key */
            problem: string | null;
        };
        /** @description What a key says of itself; the host has no means to verify it */
        LicenseTerms: {
            /** @enum {string} */
            form: "hmac" | "ed25519";
            /** Format: uuid */
            instance_id: string;
            /** @description It was issued for this installation */
            this_instance: boolean;
            /**
             * Format: date
             * @description The last day, in UTC; null: it does not expire
             */
            expires: string | null;
            /** @description The plugin that it was issued for */
            plugin: string | null;
            /** @description The number of the licence */
            id: string | null;
            customer: string | null;
            /** Format: date */
            issued: string | null;
            /**
             * Format: date
             * @description Versions that were released until then may be used; null: every version
             */
            updates_until: string | null;
            features: string[];
        };
        /** @description The licence of a plugin, as far as its key can be read */
        PluginLicense: {
            plugin: string;
            /** @description The plugin says that it needs one */
            required: boolean;
            /**
             * @description Only the plugin itself decides whether a key is good. unreadable: of a form that the host does not know. expiring: it ends within 30 days
             * @enum {string}
             */
            state: "none" | "unreadable" | "other_instance" | "other_plugin" | "valid" | "expiring" | "expired";
            /**
             * @description Where the key comes from; null: there is none
             * @enum {string|null}
             */
            source: "entered" | "file" | null;
            /** @description Its first and last four characters; of a short key none */
            key: string | null;
            /** Format: date-time */
            entered_at: string | null;
            /** @description The file beside the plugin, if there is one; a key that was entered goes before it */
            file: components["schemas"]["LicenseFile"] | null;
            terms: components["schemas"]["LicenseTerms"] | null;
            /** @description The last day counts; 0: it has ended */
            days_left: number | null;
        };
        PluginLicenseChange: {
            /** @description One line of at most 4096 printable ASCII characters; white space around it is left out */
            key: string;
        };
        PluginLicenseAnswer: {
            plugin: string;
            /** @description The plugin says that it needs one */
            required: boolean;
            /**
             * @description Only the plugin itself decides whether a key is good. unreadable: of a form that the host does not know. expiring: it ends within 30 days
             * @enum {string}
             */
            state: "none" | "unreadable" | "other_instance" | "other_plugin" | "valid" | "expiring" | "expired";
            /**
             * @description Where the key comes from; null: there is none
             * @enum {string|null}
             */
            source: "entered" | "file" | null;
            /** @description Its first and last four characters; of a short key none */
            key: string | null;
            /** Format: date-time */
            entered_at: string | null;
            /** @description The file beside the plugin, if there is one; a key that was entered goes before it */
            file: components["schemas"]["LicenseFile"] | null;
            terms: components["schemas"]["LicenseTerms"] | null;
            /** @description The last day counts; 0: it has ended */
            days_left: number | null;
            /**
             * @description restart_required: the plugin runs and gets the key at its next start. next_start: it does not run. started: it had refused to run and is started again. update_retried: it runs on, and a version that had refused gets ready beside it. unchanged: it is the key that it had
             * @enum {string}
             */
            applied: "restart_required" | "next_start" | "started" | "update_retried" | "unchanged";
        };
        ClockState: {
            /** @description The clock shows a time that lies more than an hour before one that was seen already */
            set_back: boolean;
            /** Format: date-time */
            now: string;
            /** Format: date-time */
            highest_seen: string;
        };
        LicenseOverview: {
            /** @description Of the plugins that have a key or need one */
            items: components["schemas"]["PluginLicense"][];
            clock: components["schemas"]["ClockState"];
        };
        PathRule: {
            /** @description Below the route of the plugin; a last segment * is one or more segments */
            path: string;
            /** @description Until the answer begins, in milliseconds; then 504 */
            first_byte_timeout_ms?: number;
            /** @description How long nothing may come of an answer that has begun, in milliseconds; 0: any time */
            idle_timeout_ms?: number;
            /** @description The longest body of a request; then 413 */
            max_body_bytes?: number;
        };
        HttpLimits: {
            /** @description How many requests it has at once, until their answers are complete */
            concurrency?: number;
            /** @description How many more wait for their turn; then 503 */
            queue?: number;
            /** @description How long one waits for its turn, in milliseconds; then 503 */
            queue_timeout_ms?: number;
            /** @description Until the answer begins, in milliseconds; then 504 */
            first_byte_timeout_ms?: number;
            /** @description How long nothing may come of an answer that has begun, in milliseconds; 0: any time */
            idle_timeout_ms?: number;
            /** @description The longest body of a request; then 413 */
            max_body_bytes?: number;
            /** @description The first that matches counts, before what is for all paths */
            paths?: components["schemas"]["PathRule"][];
        };
        PluginLimits: {
            plugin: string;
            /** @description What administrators have set */
            set: components["schemas"]["HttpLimits"];
            /** @description What the plugin proposes, the `http` of its metadata */
            proposed: components["schemas"]["HttpLimits"];
            /** @description What the settings of the host say */
            host: components["schemas"]["HttpLimits"];
            /** @description What comes of the three; `paths`: where somebody has a rule */
            effective: components["schemas"]["HttpLimits"];
            /** @description Counts the changes; 0: nothing was ever set */
            revision: number;
            /** Format: date-time */
            updated_at: string | null;
        };
        PluginLimitsChange: {
            /** @description All that is to be set */
            limits: components["schemas"]["HttpLimits"];
            /** @description The revision that the caller has seen */
            if_revision?: number;
        };
        PluginVersion: {
            version: string;
            /** @description SHA-256 of its file, in lower-case hexadecimal */
            digest: string;
            /**
             * Format: date-time
             * @description When it was ready for the last time
             */
            ready_at: string | null;
            /** @description It is the file in the plugins directory */
            is_file: boolean;
            /** @description It is what runs, or what starts next */
            is_current: boolean;
        };
        PluginVersionList: {
            /** @description The newest first */
            items: components["schemas"]["PluginVersion"][];
        };
        RollbackRequest: {
            /** @description Of the version, or what it begins with; the one before if absent */
            digest?: string;
        };
        CrashSummary: {
            id: number;
            /** Format: date-time */
            timestamp: string;
            /** @description The plugin's version */
            version: string | null;
            /** @description How it ended, in words */
            reason: string;
            exit_code: number | null;
            /** @description Such as SIGSEGV */
            signal: string | null;
            /** @description Something says that it had run out of memory */
            out_of_memory: boolean;
            /** @description From its spawn to its end */
            uptime_ms: number;
            requests_in_flight: number;
            /** @description The route that alone was in flight */
            blamed_route: string | null;
            /**
             * @description What followed
             * @enum {string}
             */
            decision: "restart" | "disable";
        };
        CrashPage: {
            /** @description Newest first */
            items: components["schemas"]["CrashSummary"][];
            page: number;
            page_size: number;
            has_more: boolean;
        };
        /** @description A request that was in flight */
        CrashRequest: {
            method: string;
            /** @description Below the plugin's route, without query */
            path: string;
            /** @description How long it had been in flight */
            for_ms: number;
        };
        CrashLogLine: {
            /** Format: date-time */
            timestamp: string;
            /** @enum {string} */
            level: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
            message: string;
        };
        /** @description What a plugin's processes used at a moment */
        ResourceSample: {
            /** Format: date-time */
            timestamp: string;
            /** @description Of one core */
            cpu_percent: number;
            memory_bytes: number;
            /** @description Null: no limit */
            memory_limit_bytes: number | null;
        };
        /** @description All that is known of one crash */
        CrashDetails: {
            id: number;
            /** Format: date-time */
            timestamp: string;
            /** @description The plugin's version */
            version: string | null;
            /** @description How it ended, in words */
            reason: string;
            exit_code: number | null;
            /** @description Such as SIGSEGV */
            signal: string | null;
            /** @description Something says that it had run out of memory */
            out_of_memory: boolean;
            /** @description From its spawn to its end */
            uptime_ms: number;
            requests_in_flight: number;
            /** @description The route that alone was in flight */
            blamed_route: string | null;
            /**
             * @description What followed
             * @enum {string}
             */
            decision: "restart" | "disable";
            plugin_id: string;
            pid: number | null;
            /** @description The host ended it, because it was silent or had lost its connection */
            ended_by_host: boolean;
            /** @description How long it had been ready; 0: it never was */
            ready_ms: number;
            consecutive_crashes: number;
            /** @description What speaks for a lack of memory */
            memory_signs: string[];
            /** @description Those in flight */
            requests: components["schemas"]["CrashRequest"][];
            /** @description Its last lines, oldest first */
            log: components["schemas"]["CrashLogLine"][];
            /** @description Its last samples, oldest first */
            samples: components["schemas"]["ResourceSample"][];
            /** @description When it crashed within the window, oldest first */
            timeline: string[];
        };
        HealthAnswer: {
            /** @enum {string} */
            status: "ok";
        };
        ReadyAnswer: {
            /** @enum {string} */
            status: "ok";
            /** @description How many plugins are on their way up */
            starting: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listEvents: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                /** @description Such as started, stopped, crashed, restarted, disabled */
                event_type?: string;
                /** @description Events of this moment and later */
                since?: string;
                /** @description Events of this moment and earlier */
                until?: string;
                /** @description Only events of this plugin */
                plugin_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getSupervisorLog: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                /** @description This level and the worse ones */
                level?: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
                /** @description A text in the message or in any field, whatever its case */
                search?: string;
                /** @description Only lines about this plugin */
                plugin_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getInstance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InstanceInfoDto"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginRequestDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrentUserDto"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first. `invalid_credentials`: User name or password is wrong */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `csrf_refused`: The request came from another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `too_many_requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getCurrentUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrentUserDto"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePasswordDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrentUserDto"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first. `invalid_credentials`: User name or password is wrong */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `too_many_requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listApiTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiTokenListDto"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    createApiToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateApiTokenDto"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiTokenDto"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    revokeApiToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserListDto"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUserDto"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserDto"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    deleteUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateUserDto"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserDto"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listPlugins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginList"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    rescanPlugins: {
        parameters: {
            query?: {
                /** @description Asks files for their metadata again that took too long the last time, without waiting for a change */
                force?: "true" | "false";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RescanAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPlugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginDetails"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    enablePlugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LifecycleAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid. `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_start_failed`: The plugin did not start */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `enabled_state_unusable`: The enabled state cannot be saved. `shutting_down`: The host is shutting down. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    disablePlugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its process has ended */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LifecycleAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `enabled_state_unusable`: The enabled state cannot be saved. `shutting_down`: The host is shutting down. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    restartPlugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LifecycleAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid. `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_start_failed`: The plugin did not start */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `shutting_down`: The host is shutting down. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    resetPlugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its crashes are forgotten; the answer says how it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LifecycleAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid. `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `enabled_state_unusable`: The enabled state cannot be saved. `shutting_down`: The host is shutting down. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginLogs: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                /** @description This level and the worse ones */
                level?: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
                /** @description A text in the message or in any field, whatever its case */
                search?: string;
                /** @description What the plugin printed, or what the supervisor did with it */
                source?: "plugin" | "supervisor";
            };
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listPluginEvents: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
                /** @description Such as started, stopped, crashed, restarted, disabled */
                event_type?: string;
                /** @description Events of this moment and later */
                since?: string;
                /** @description Events of this moment and earlier */
                until?: string;
            };
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventPage"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Such as started, stopped, crashed, restarted, disabled */
                event_type?: string;
                /** @description Only events of this plugin */
                plugin_id?: string;
                /** @description The id of the event after which to go on; the header Last-Event-ID, if there is one, decides */
                last_event_id?: string;
            };
            header?: {
                /** @description The id of the last event that the client has */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `too_many_requests`: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    pluginKv: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KvRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KvAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `kv_key_invalid`: The key is not valid. `kv_value_invalid`: The value is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin. `plugin_disabled`: The plugin is not enabled */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `kv_value_too_large`: The value is too large. `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_error`: The plugin failed */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available. `plugin_unavailable`: The plugin is not running. `plugin_busy`: The plugin is busy */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_timeout`: The plugin did not answer in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `kv_quota_exceeded`: The storage of the plugin is full */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginSettings"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    changePluginSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginSettingsChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginSettingsAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid. `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginLicense: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginLicense"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    enterPluginLicense: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginLicenseChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginLicenseAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    removePluginLicense: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginLicenseAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `not_found`: Not found. `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listLicenses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LicenseOverview"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    acceptClock: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClockState"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginLimits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginLimits"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    setPluginLimits: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PluginLimitsChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginLimits"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid. `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listPluginVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PluginVersionList"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    rollbackPlugin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RollbackRequest"];
            };
        };
        responses: {
            /** @description It has taken over, or is what starts next */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LifecycleAnswer"];
                };
            };
            /** @description `validation_failed`: The request is not valid. `malformed_request`: The request could not be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `forbidden`: Not allowed. `csrf_refused`: The request came from another site. `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid. `conflict`: Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `payload_too_large`: The body is too large */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unsupported_body`: The body cannot be carried */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_start_failed`: The plugin did not start */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `shutting_down`: The host is shutting down. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginBundle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bundle */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            /** @description The bundle that the client has (If-None-Match) */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin. `plugin_disabled`: The plugin is not enabled. `bundle_not_found`: The plugin has no page */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_error`: The plugin failed */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_unavailable`: The plugin is not running. `plugin_busy`: The plugin is busy. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_timeout`: The plugin did not answer in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginApiDocument: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The document */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin. `plugin_disabled`: The plugin is not enabled. `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_invalid`: The plugin is not valid */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_error`: The plugin failed */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_unavailable`: The plugin is not running. `plugin_busy`: The plugin is busy. `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_timeout`: The plugin did not answer in time */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    listPluginCrashes: {
        parameters: {
            query?: {
                page?: number;
                page_size?: number;
            };
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CrashPage"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getPluginCrash: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a plugin, whatever its case */
                id: string;
                crash_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CrashDetails"];
                };
            };
            /** @description `validation_failed`: The request is not valid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `plugin_not_found`: No such plugin. `not_found`: Not found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthAnswer"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyAnswer"];
                };
            };
            /** @description Not yet, or not any more; the detail names every reason, the code the first: `shutting_down`, `storage_unavailable`, `not_ready` */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description `unauthenticated`: Sign in first */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `password_change_required`: Change the password first */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
            /** @description `storage_unavailable`: The storage is not available */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemDetails"];
                };
            };
        };
    };
}
