"""Review: what is wrong or doubtful about a connection file, told before anything is written.

Pure: rules compiled against the catalogues of both systems come in, findings with the nearest right value go out.
"""
