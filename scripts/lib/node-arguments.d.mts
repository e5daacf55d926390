export declare const NODE_ARGUMENTS: readonly string[];
