module attic-pulumi/reach

go 1.26.0
