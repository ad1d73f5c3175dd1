Console.Error.WriteLine("cluster-admin: this build has no Orleans packages; set-up did not find them on this machine's package sources.");
return 2;
