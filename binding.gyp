{
  "targets": [
    {
      "target_name": "ccarchiver",
      "sources": [
        "<!@(node -p \"['core','io','binding'].flatMap(d=>require('fs').readdirSync('native/'+d).filter(n=>n.endsWith('.cpp')&&!/_(avx2|avx512|fma).cpp$/.test(n)).map(n=>'native/'+d+'/'+n)).join(' ')\")"
      ]
    }
  ]
}
