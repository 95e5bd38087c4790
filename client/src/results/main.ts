import '../shared/look'
